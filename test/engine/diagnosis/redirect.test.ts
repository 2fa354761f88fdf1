import { expect, it } from 'vitest'
import { type RedirectKind, redirectKindOf } from '../../../src/engine/diagnosis/redirect.ts'

it.each<[from: string, to: string, kind: RedirectKind]>([
  ['https://a.example/hook', 'https://a.example/hook/', 'same'],
  ['https://a.example/hook/', 'https://a.example/hook', 'same'],
  ['http://a.example/hook', 'https://a.example/hook', 'same'],
  ['http://a.example/hook', 'https://www.a.example/hook/', 'same'],
  ['https://www.a.example/', 'https://a.example/', 'same'],
  ['https://a.example/auth/', 'https://a.example/auth', 'same'],
  ['https://a.example:8443/hook', 'https://a.example:8443/hook/', 'same'],
  ['https://a.example/hook', 'http://a.example/hook', 'other'],
  ['https://a.example/hook', 'https://a.example/hook', 'other'],
  ['https://a.example/hook', 'https://b.example/hook', 'other'],
  ['https://a.example/hook', 'https://a.example:8443/hook', 'other'],
  ['https://a.example/hook', 'https://a.example/hook/v2', 'other'],
  ['https://a.example/hook', 'https://a.example/Hook', 'other'],
  ['https://a.example/hook', 'https://a.example/blogin', 'other'],
  ['https://a.example/hook', 'https://a.example/authors', 'other'],
  ['https://a.example/hook', 'https://a.example/accounts/1', 'other'],
  ['https://a.example/hook', 'https://a.example/login', 'login'],
  ['https://a.example/hook', 'https://a.example/users/sign_in', 'login'],
  ['https://a.example/hook', 'https://a.example/oauth2/authorize', 'login'],
  ['https://a.example/hook', 'https://accounts.other.example/', 'login'],
  ['https://a.example/hook', 'http://a.example/login', 'login'],
  ['no URL', 'https://a.example/', 'other'],
])('from %s to %s is %s', (from, to, kind) => {
  expect(redirectKindOf(from, to)).toBe(kind)
})

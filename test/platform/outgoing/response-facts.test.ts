// What is kept of the headers of a response that refuses.

import { describe, expect, it } from 'vitest'
import { toResponseFacts } from '../../../src/platform/outgoing/response-facts.ts'

const REQUEST = {
  url: 'https://receiver.example/hook?token=hidden',
  headers: [['x-api-key', 'k-1234567890']],
} as const

const factsOf = (headers: Record<string, string>, status = 403, request = REQUEST) =>
  toResponseFacts({ headers: new Headers(headers), status }, request)

describe('of a response is kept', () => {
  it.each<[string, Record<string, string>, Record<string, string>]>([
    [
      'what a diagnosis reads',
      { Server: 'nginx', Allow: 'GET' },
      { server: 'nginx', allow: 'GET' },
    ],
    ['no cookie, nor anything else', { 'set-cookie': 'a=b', 'x-powered-by': 'x', etag: '1' }, {}],
    [
      'a media type without its parameters',
      { 'content-type': 'text/html; charset=utf-8' },
      { 'content-type': 'text/html' },
    ],
    [
      'a scheme without its challenge',
      { 'www-authenticate': 'Basic realm="k"' },
      { 'www-authenticate': 'Basic' },
    ],
    ['no secret of the request', { server: 'for k-1234567890' }, { server: 'for ••••' }],
    ['a hundred characters', { server: 'x'.repeat(5_000) }, { server: 'x'.repeat(100) }],
    ['nothing empty', { server: '', 'content-type': ';' }, {}],
  ])('%s', (_, headers, kept) => {
    expect(factsOf(headers)).toEqual({ headers: kept })
  })

  it('that the request had credentials, and not which', () => {
    const request = { ...REQUEST, headers: [['Authorization', 'Bearer abcdefghijk']] } as const
    expect(toResponseFacts({ headers: new Headers(), status: 401 }, request)).toEqual({
      headers: {},
      sentCredentials: true,
    })
  })
})

describe('of a redirect is kept', () => {
  const from = 'https://receiver.example/hook'
  const redirectTo = (location: string, status = 308) => factsOf({ location }, status).redirect

  it.each([
    ['https://other.example/a/b', 'https://other.example/a/b'],
    ['/hook/', 'https://receiver.example/hook/'],
    ['hook/', 'https://receiver.example/hook/'],
    ['https://user:pass@other.example/a?code=secret#part', 'https://other.example/a'],
  ])('of %s: %s', (location, to) => {
    expect(redirectTo(location)).toEqual({ from, to })
  })

  it.each([
    ['one to another protocol', 'javascript:alert(1)'],
    ['one that is no address', 'https://'],
    ['an endless one', `/${'x'.repeat(400)}`],
    ['one that repeats a secret', '/login/k-1234567890'],
    ['one that repeats it encoded', '/login/%6b-1234567890'],
  ])('nothing of %s', (_, location) => {
    expect(redirectTo(location)).toBeUndefined()
  })

  it('nothing of a status that redirects nowhere', () => {
    expect(redirectTo('/elsewhere', 201)).toBeUndefined()
  })
})

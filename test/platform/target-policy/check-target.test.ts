import { describe, expect, it } from 'vitest'
import { checkTarget, privateHost } from '../../../src/platform/target-policy/check-target.ts'
import { HOSTILE, LEGAL, NEVER, OWN_HOSTS, PRIVATE } from './corpus.ts'

const ownHosts = new Set(OWN_HOSTS)
const PUBLIC_ONLY = { allowPrivate: false, ownHosts }
const PRIVATE_TOO = { allowPrivate: true, ownHosts }

describe('a target', () => {
  it.each(LEGAL)('may be %j', (url) => {
    expect(checkTarget(url, PUBLIC_ONLY)).toBeNull()
  })

  it.each(NEVER)('may never be %j', (url, sentence) => {
    expect(checkTarget(url, PUBLIC_ONLY)).toBe(sentence)
    expect(checkTarget(url, PRIVATE_TOO)).toBe(sentence)
  })

  const spellings = PRIVATE.flatMap(([host, what, urls]) => urls.map((url) => [url, host, what]))

  it.each(spellings)('may be %j only where private targets are allowed', (url, host, what) => {
    expect(checkTarget(url ?? '', PUBLIC_ONLY)).toBe(
      `The host ${host} is ${what} and cannot be a target.`,
    )
    expect(checkTarget(url ?? '', PRIVATE_TOO)).toBeNull()
  })
})

describe('the corpus', () => {
  it('is large, and has every spelling once', ({ task }) => {
    expect(new Set(HOSTILE.map(([url]) => url)).size).toBe(HOSTILE.length)
    expect(new Set(LEGAL).size).toBe(LEGAL.length)
    expect(HOSTILE.length).toBeGreaterThanOrEqual(150)
    expect(LEGAL.length).toBeGreaterThanOrEqual(50)
    task.meta.counted = `${HOSTILE.length} hostile targets refused with the rule named, ${LEGAL.length} legal ones accepted`
  })
})

describe('the service’s own host', () => {
  it('is a target like any other where it is local', () => {
    const policy = { allowPrivate: true, ownHosts: new Set(['localhost']) }
    expect(checkTarget('http://localhost:4000/hook', policy)).toBeNull()
  })
})

describe('a private host', () => {
  it.each([
    ['http://localhost:3000/alfred/document_predict', true],
    ['http://127.1/', true],
    ['http://[::1]/', true],
    ['http://10.0.0.1/', true],
    ['https://example.com/', false],
    ['http://8.8.8.8/', false],
    ['not a URL', false],
    ['mailto:a@example.com', false],
  ])('%s: %s', (url, expected) => {
    expect(privateHost(url)).toBe(expected)
  })
})

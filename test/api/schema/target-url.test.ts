// What the description says of a target URL is what the check of targets takes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOCAL_TARGET, PUBLIC_TARGET, TargetUrl } from '../../../src/api/schema/target-url.ts'
import { checkTarget } from '../../../src/platform/target-policy/check-target.ts'

const policyOf = (allowPrivate: boolean) => ({ allowPrivate, ownHosts: new Set<string>() })

const named = [
  'https://example.com',
  'https://Example.COM/hook?a=b#c',
  'https://hooks.a.b.c.example.co.uk:8443/x/y',
  'http://my-receiver.example?x=1',
  'https://example.com/a%20b%C3%A9?c=%2F#d%23',
]
const local = [
  'http://localhost:4000/hooks',
  'http://127.0.0.1:8787/',
  'http://receiver',
  'http://a.local/',
]
const never = [
  '',
  'example.com',
  'ftp://example.com/',
  'https://',
  'https:///x',
  'https://user@example.com/',
  'https://example.com:25/',
  'https://example.com:x/',
  'https://exa mple.com/',
  'https://-a.example/',
  `https://${'a'.repeat(64)}.example/`,
  `https://${'a.'.repeat(140)}example/`,
  'https://example.com/a b',
  'https://999.1.1.1/',
]

describe('the pattern of a target URL', () => {
  it.each([
    ['public', PUBLIC_TARGET, false],
    ['local', LOCAL_TARGET, true],
  ])('of a %s deployment admits only what is taken there', (_, pattern, allowPrivate) => {
    // Without what looks ahead, which the generator does not know; what that excludes is sorted out afterwards.
    const written = new RegExp(
      pattern.replaceAll(/\(\?[!=](?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g, ''),
    )
    const urls = fc.stringMatching(written).filter((url) => new RegExp(pattern).test(url))
    fc.assert(
      fc.property(urls, (url) => {
        expect(checkTarget(url, policyOf(allowPrivate)), url).toBeNull()
        expect(TargetUrl.safeParse(url).success).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it.each(named)('admits %s everywhere', (url) => {
    for (const pattern of [PUBLIC_TARGET, LOCAL_TARGET]) expect(url).toMatch(new RegExp(pattern))
    expect(checkTarget(url, policyOf(false))).toBeNull()
  })

  it.each(local)('admits %s where private hosts are targets', (url) => {
    expect(url).toMatch(new RegExp(LOCAL_TARGET))
    expect(url).not.toMatch(new RegExp(PUBLIC_TARGET))
    expect(checkTarget(url, policyOf(true))).toBeNull()
    expect(checkTarget(url, policyOf(false))).not.toBeNull()
  })

  it.each([
    'http://a.LOCAL/',
    'https://x.home.arpa/',
    'https://x.internal:8080',
    'https://a.b.lan?x',
  ])('admits %s nowhere in public', (url) => {
    expect(url).not.toMatch(new RegExp(PUBLIC_TARGET))
  })

  it.each(never)('admits %j nowhere', (url) => {
    expect(url).not.toMatch(new RegExp(LOCAL_TARGET))
    expect(url).not.toMatch(new RegExp(PUBLIC_TARGET))
  })
})

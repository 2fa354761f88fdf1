// The contracts of CheckTarget and CheckAddresses: null for what may be a target, and a sentence for what may not.

import { describe, expect, it } from 'vitest'
import type { CheckAddresses, CheckTarget } from '../../src/engine/ports/index.ts'

/** A host that no target may have. */
export const FORBIDDEN_HOST = 'vault.internal'

const SENTENCE = /^[A-Z].* cannot be a target\.$/

export function checkTargetContract(make: () => CheckTarget): void {
  describe('a check of targets', () => {
    it.each(['https://receiver.example/hook?a=b', 'http://receiver.example:8080/'])(
      'lets %s pass, each time',
      (url) => {
        const check = make()
        expect([check(url), check(url)]).toEqual([null, null])
      },
    )

    it.each(['https://vault.internal/', 'http://VAULT.internal:8080/a?b#c'])(
      'refuses %s in a sentence that names its host, each time',
      (url) => {
        const check = make()
        const why = check(url)
        expect(why).toMatch(SENTENCE)
        expect(why).toContain(FORBIDDEN_HOST)
        expect(check(url)).toBe(why)
      },
    )

    it.each(['', 'receiver.example', '/hook', 'http://'])(
      'refuses %j, and does not throw',
      (url) => {
        expect(make()(url)).toMatch(/^A target .*\.$/)
      },
    )
  })
}

/** What names resolve to: their addresses, or nobody knows because the resolver is down. */
export type Names = Readonly<Record<string, readonly string[] | 'down'>>

/** `make` gives a check that resolves names so. Addresses that begin with `10.` are private. */
export function checkAddressesContract(make: (names: Names) => CheckAddresses): void {
  describe('a check of addresses', () => {
    const check = (addresses: Names[string], host = 'name.example') =>
      make({ 'name.example': addresses })(`https://${host}:8080/hook`)

    it('lets a name pass whose addresses are public', async () => {
      expect(await check(['8.8.8.8', '1.1.1.1'])).toBeNull()
    })

    it.each([[['10.0.0.1']], [['8.8.8.8', '10.0.0.1']]])(
      'refuses a name that resolves to %j, in a sentence that names it',
      async (addresses) => {
        const why = await check(addresses)
        expect(why).toMatch(SENTENCE)
        expect(why).toContain('name.example')
      },
    )

    it('refuses a name that resolves to nothing', async () => {
      expect(await check([])).toMatch(SENTENCE)
    })

    it('asks nobody about an address, which the other check has judged', async () => {
      expect(await check('down', '8.8.8.8')).toBeNull()
      expect(await check('down', '[2606:4700::1111]')).toBeNull()
    })

    it('is unavailable while nobody can say', async () => {
      await expect(check('down')).rejects.toMatchObject({
        code: 'unavailable',
        retryAfterSeconds: expect.any(Number),
      })
    })
  })
}

import { describe, expect, it, vi } from 'vitest'
import { createVault } from '../../src/platform/vault.ts'

const OLD = 'b2xkLWtleS1vbGQta2V5LW9sZC1rZXktb2xkLWtleSE='
const NEW = 'bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE='

describe('a vault', () => {
  it.each([
    ['nothing', ''],
    ['text', 'geheim'],
    ['Unicode', 'Grüße \u{1F4EE}'],
    ['much', 'x'.repeat(500_000)],
  ])('opens what it sealed: %s', async (_, plain) => {
    const vault = createVault(OLD)
    expect(await vault.open(await vault.seal(plain, 'webhook-1'), 'webhook-1')).toBe(plain)
  })

  it('opens a text that was sealed long ago', async () => {
    const sealed = 'v1.0155eeeb.AAECAwQFBgcICQoLI+bPbH1XULogEx0+9mzmBCtgUuv2jg=='
    expect(await createVault(OLD).open(sealed, 'webhook-1')).toBe('geheim')
  })

  it('names format and key in the sealed text, and never seals alike', async () => {
    const vault = createVault(OLD)
    const [one, two] = await Promise.all([vault.seal('geheim', 'w'), vault.seal('geheim', 'w')])
    expect(one).toMatch(/^v1\.0155eeeb\.[A-Za-z0-9+/]+=*$/)
    expect(one).not.toBe(two)
  })

  it('opens a text only for what it was bound to, also after it was opened before', async () => {
    const vault = createVault(OLD)
    const sealed = await vault.seal('geheim', 'webhook-1')
    await vault.open(sealed, 'webhook-1')
    await expect(vault.open(sealed, 'webhook-2')).rejects.toThrow(
      'The stored secrets cannot be used: the stored value is damaged or belongs to something else.',
    )
  })

  it('refuses a damaged text', async () => {
    const vault = createVault(OLD)
    const sealed = await vault.seal('geheim', 'w')
    const damaged = sealed.slice(0, 20) + (sealed[20] === 'A' ? 'B' : 'A') + sealed.slice(21)
    await expect(vault.open(damaged, 'w')).rejects.toThrow('damaged')
  })

  it.each(['', 'geheim', 'v2.0000.AAAA', 'v1.0000', 'v1.0000.?', 'v1.0000.AAAA.AAAA'])(
    'refuses what is not a sealed text: %j',
    async (text) => {
      await expect(createVault(OLD).open(text, 'w')).rejects.toThrow(
        'the stored value does not have the expected format',
      )
    },
  )

  it('seals under the first key and opens under any', async () => {
    const byOld = await createVault(OLD).seal('geheim', 'w')
    const both = createVault(`${NEW},${OLD}`)
    expect(await both.open(byOld, 'w')).toBe('geheim')
    const byBoth = await both.seal('geheim', 'w')
    expect(await createVault(NEW).open(byBoth, 'w')).toBe('geheim')
    await expect(createVault(OLD).open(byBoth, 'w')).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 60,
      message:
        'The stored secrets cannot be used: they were encrypted with a key that is not in SECRETS_KEY.',
    })
  })

  it('tells how texts begin that are sealed under the first key', async () => {
    expect(await createVault(OLD).newestPrefix()).toBe('v1.0155eeeb.')
    expect(await createVault(`${OLD},${NEW}`).newestPrefix()).toBe('v1.0155eeeb.')
    expect(await createVault(`${NEW},${OLD}`).newestPrefix()).not.toBe('v1.0155eeeb.')
  })

  it('decrypts a text once', async () => {
    const vault = createVault(OLD)
    const sealed = await vault.seal('geheim', 'once')
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    await vault.open(sealed, 'once')
    await vault.open(sealed, 'once')
    expect(decrypt).toHaveBeenCalledTimes(1)
    decrypt.mockRestore()
  })

  it('keeps a bounded amount of opened text', async () => {
    const vault = createVault(NEW)
    const first = await vault.seal('geheim', 'w')
    await vault.open(first, 'w')
    const large = 'x'.repeat(2_000_000)
    for (const boundTo of ['a', 'b', 'c'])
      await vault.open(await vault.seal(large, boundTo), boundTo)
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    expect(await vault.open(first, 'w')).toBe('geheim')
    expect(decrypt).toHaveBeenCalledTimes(1)
    decrypt.mockRestore()
  })

  it('is the same one for the same key, so that an isolate keeps its caches', () => {
    expect(createVault(OLD)).toBe(createVault(OLD))
    expect(createVault(OLD)).not.toBe(createVault(NEW))
  })
})

describe('SECRETS_KEY', () => {
  it.each([
    ['absent', '', 1],
    ['not base64', 'not-base64-at-all-not-base64-at-all!', 1],
    ['too short', 'c2hvcnQta2V5', 1],
    ['too long', `${'QUJD'.repeat(11)}`, 1],
    ['malformed in its second entry', `${OLD},c2hvcnQta2V5`, 2],
    ['ended by a comma', `${OLD},`, 2],
  ])('that is %s opens and seals nothing, without showing it', async (_, secretsKey, entry) => {
    const vault = createVault(secretsKey)
    const refused = {
      code: 'unavailable',
      message: `The stored secrets cannot be used: SECRETS_KEY is malformed, because entry ${entry} is not 32 bytes in base64 (generate one with openssl rand -base64 32).`,
    }
    const sealed = await createVault(OLD).seal('geheim', 'w')
    await expect(vault.seal('geheim', 'w')).rejects.toMatchObject(refused)
    await expect(vault.open(sealed, 'w')).rejects.toMatchObject(refused)
    await expect(vault.newestPrefix()).rejects.toMatchObject(refused)
  })

  it('may have spaces around its commas', async () => {
    const vault = createVault(`${NEW} , ${OLD}`)
    expect(await vault.open(await createVault(OLD).seal('geheim', 'w'), 'w')).toBe('geheim')
  })
})

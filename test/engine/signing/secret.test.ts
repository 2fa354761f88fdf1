import { describe, expect, it } from 'vitest'
import {
  generateSecret,
  kindOf,
  publicKeyOf,
  validateSecret,
} from '../../../src/engine/signing/index.ts'

const ED25519 =
  'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
const HMAC_FLAW = 'A whsec_ secret must be the base64 encoding of 24 to 64 bytes.'
const ED25519_FLAW =
  'A whsk_ secret must be the base64 encoding of a 32-byte Ed25519 seed, optionally followed by its public key.'

describe('a generated secret', () => {
  it('is whsec_ and 32 bytes of base64 for HMAC', async () => {
    expect(await generateSecret('hmac')).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  })

  it('is whsk_ and 64 bytes of base64 for Ed25519', async () => {
    expect(await generateSecret('ed25519')).toMatch(/^whsk_[A-Za-z0-9+/]{86}==$/)
  })

  it.each(['hmac', 'ed25519'] as const)('is a usable %s secret, new every time', async (kind) => {
    const [one, other] = [await generateSecret(kind), await generateSecret(kind)]
    expect(one).not.toBe(other)
    expect(validateSecret(one)).toBeNull()
    expect(kindOf(one)).toBe(kind)
  })
})

describe('a secret', () => {
  it.each([
    ['24 bytes of HMAC key', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['64 bytes of HMAC key', `whsec_${'A'.repeat(86)}==`],
    ['an Ed25519 seed and its public key', ED25519],
    ['an Ed25519 seed', 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc='],
    ['one character', 'x'],
    ['any text', 'correct horse, battery staple: ßtäple 🔋'],
    ['512 characters', 'x'.repeat(512)],
    ['a prefix in capitals, which is text', 'WHSEC_abc'],
  ])('may be %s', (_, secret) => {
    expect(validateSecret(secret)).toBeNull()
  })

  it.each([
    ['nothing', '', 'A secret must not be empty.'],
    ['too long a text', 'x'.repeat(513), 'A secret may have at most 512 characters.'],
    ['half a character', 'abc\ud83d', 'A secret must be well-formed Unicode.'],
    ['whsec_ alone', 'whsec_', HMAC_FLAW],
    ['23 bytes of HMAC key', `whsec_${'A'.repeat(31)}=`, HMAC_FLAW],
    ['65 bytes of HMAC key', `whsec_${'A'.repeat(87)}=`, HMAC_FLAW],
    ['no base64', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaL!Sw', HMAC_FLAW],
    ['base64 with a space', 'whsec_MfKQ9r8GKYqrTwjU PD8ILPZIo2LaLaSw', HMAC_FLAW],
    ['base64 without its padding', `whsec_${'A'.repeat(43)}`, HMAC_FLAW],
    ['base64 with stray bits', `whsec_${'A'.repeat(42)}B=`, HMAC_FLAW],
    ['base64url', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa_-', HMAC_FLAW],
    ['16 bytes of Ed25519 key', 'whsk_6Xb/dCcHpPea21PS1N9VYw==', ED25519_FLAW],
    ['48 bytes of Ed25519 key', `whsk_${'A'.repeat(64)}`, ED25519_FLAW],
    ['no base64 of an Ed25519 key', 'whsk_???', ED25519_FLAW],
  ])('may not be %s', (_, secret, sentence) => {
    expect(validateSecret(secret)).toBe(sentence)
  })
})

describe('the public key of an Ed25519 secret', () => {
  it('is derived from its seed', async () => {
    expect(await publicKeyOf(ED25519)).toBe('whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=')
  })

  it('does not exist for an HMAC secret', async () => {
    expect(await publicKeyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBeNull()
  })
})

describe('the kind of a secret', () => {
  it('is HMAC for text without prefix', () => {
    expect(kindOf('secret')).toBe('hmac')
  })
})

import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, it } from 'vitest'
import type { SigningSecret } from '../../../src/engine/model/index.ts'
import { generateSecret, publicKeyOf, rotate, sign } from '../../../src/engine/signing/index.ts'

const HMAC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const HMAC_OLDER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const ED25519 =
  'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
const VECTOR = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1614265330,
  body: '{"test": 2432232314}',
}
const HMAC_SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const ED25519_SIGNATURE =
  'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=='

function current(...secrets: string[]): SigningSecret[] {
  return secrets.map((secret) => ({ secret, expiresAt: null }))
}

/** A message of this moment: the libraries refuse timestamps more than 5 minutes away. */
function freshMessage(body: string) {
  return { id: 'msg_1', timestampSeconds: Math.floor(Date.now() / 1_000), body }
}

function headersOf(message: ReturnType<typeof freshMessage>, signature: string | null) {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestampSeconds),
    'webhook-signature': signature ?? '',
  }
}

describe('the webhook-signature header', () => {
  it('is the published vector for an HMAC secret', async () => {
    expect(await sign(current(HMAC), VECTOR, 0)).toBe(HMAC_SIGNATURE)
  })

  it('is the published vector for an Ed25519 key', async () => {
    expect(await sign(current(ED25519), VECTOR, 0)).toBe(ED25519_SIGNATURE)
  })

  it('is the same for an Ed25519 key given as its seed alone', async () => {
    const seed = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc='
    expect(await sign(current(seed), VECTOR, 0)).toBe(ED25519_SIGNATURE)
  })

  it('uses a secret without prefix as its UTF-8 bytes', async () => {
    // printf 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}' | openssl dgst -sha256 -hmac 'pässwörd' -binary | base64
    expect(await sign(current('pässwörd'), VECTOR, 0)).toBe(
      'v1,37bZz1+r8dC+JT93b1TnTNrkgmKaQ5rBr1nPuVdFz5Q=',
    )
  })

  it('has one entry per secret, in the order given', async () => {
    expect(await sign(current(HMAC, ED25519), VECTOR, 0)).toBe(
      `${HMAC_SIGNATURE} ${ED25519_SIGNATURE}`,
    )
    expect(await sign(current(ED25519, HMAC), VECTOR, 0)).toBe(
      `${ED25519_SIGNATURE} ${HMAC_SIGNATURE}`,
    )
  })

  it('leaves out a secret from the millisecond it expires', async () => {
    const secrets = [
      { secret: ED25519, expiresAt: null },
      { secret: HMAC, expiresAt: 2_000 },
    ]
    expect(await sign(secrets, VECTOR, 1_999)).toBe(`${ED25519_SIGNATURE} ${HMAC_SIGNATURE}`)
    expect(await sign(secrets, VECTOR, 2_000)).toBe(ED25519_SIGNATURE)
  })

  it('is absent without a secret, and when every secret has expired', async () => {
    expect(await sign([], VECTOR, 0)).toBeNull()
    expect(await sign([{ secret: HMAC, expiresAt: 1 }], VECTOR, 1)).toBeNull()
  })

  it('rejects, again and again, for a secret that validation would have refused', async () => {
    for (let time = 0; time < 2; time += 1) {
      await expect(sign(current('whsec_no base64'), VECTOR, 0)).rejects.toThrow(/not base64/)
    }
  })

  it('never shows the secret in its error', async () => {
    const error = await sign(current('whsk_topsecret'), VECTOR, 0).catch(String)
    expect(error).not.toContain('topsecret')
  })
})

describe("a receiver with somebody else's library", () => {
  const libraries = { standardwebhooks: StandardWebhook, svix: SvixWebhook }
  const body = '{"n":12345678901234567890,"text":"Grüße, 世界 🎉","z":1,"a":1.10}'

  it.each(Object.entries(libraries))('verifies an HMAC signature with %s', async (_, Library) => {
    const secret = await generateSecret('hmac')
    const message = freshMessage(body)
    const headers = headersOf(message, await sign(current(secret), message, Date.now()))
    expect(() => new Library(secret).verify(body, headers)).not.toThrow()
    expect(() => new Library(HMAC_OLDER).verify(body, headers)).toThrow()
    expect(() => new Library(secret).verify(`${body} `, headers)).toThrow()
  })

  it.each(Object.entries(libraries))(
    'verifies with %s beside an Ed25519 entry',
    async (_, Library) => {
      const message = freshMessage(body)
      const headers = headersOf(message, await sign(current(ED25519, HMAC), message, Date.now()))
      expect(() => new Library(HMAC).verify(body, headers)).not.toThrow()
    },
  )

  it('verifies a secret without prefix as raw bytes with standardwebhooks', async () => {
    const message = freshMessage(body)
    const headers = headersOf(message, await sign(current('pässwörd'), message, Date.now()))
    const receiver = new StandardWebhook(new TextEncoder().encode('pässwörd'), { format: 'raw' })
    expect(() => receiver.verify(body, headers)).not.toThrow()
  })

  it.each(Object.entries(libraries))(
    'verifies both secrets with %s during the grace, then the new one only',
    async (_, Library) => {
      const now = Date.now()
      const rotation = rotate(current(HMAC_OLDER), HMAC, 60, now)
      if (rotation.kind === 'full') throw new Error('There is room for two.')
      const { secrets } = rotation
      const message = freshMessage(body)
      const during = headersOf(message, await sign(secrets, message, now + 59_999))
      expect(() => new Library(HMAC).verify(body, during)).not.toThrow()
      expect(() => new Library(HMAC_OLDER).verify(body, during)).not.toThrow()
      const afterwards = headersOf(message, await sign(secrets, message, now + 60_000))
      expect(() => new Library(HMAC).verify(body, afterwards)).not.toThrow()
      expect(() => new Library(HMAC_OLDER).verify(body, afterwards)).toThrow()
    },
  )
})

describe('a receiver with an Ed25519 public key', () => {
  async function verify(whpk: string, signature: string | null, content: string) {
    const bytes = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const publicKey = bytes(whpk.replace('whpk_', ''))
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
    const entry = bytes((signature ?? '').replace('v1a,', ''))
    return crypto.subtle.verify('Ed25519', key, entry, new TextEncoder().encode(content))
  }

  it('verifies what the published key signs', async () => {
    const signature = await sign(current(ED25519), VECTOR, 0)
    const content = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    const whpk = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
    expect(await verify(whpk, signature, content)).toBe(true)
    expect(await verify(whpk, signature, `${content} `)).toBe(false)
  })

  it('verifies what a generated key signs', async () => {
    const secret = await generateSecret('ed25519')
    const message = { id: 'msg_1', timestampSeconds: 1, body: '{}' }
    const signature = await sign(current(secret), message, 0)
    const publicKey = (await publicKeyOf(secret)) ?? ''
    expect(await verify(publicKey, signature, 'msg_1.1.{}')).toBe(true)
  })
})

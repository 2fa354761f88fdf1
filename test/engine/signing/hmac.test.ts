import { describe, expect, it } from 'vitest'
import { hmacSha256Hex } from '../../../src/engine/signing/index.ts'

describe('the hex HMAC of a vendor header', () => {
  it('is the vector of RFC 4231, test case 2', async () => {
    expect(await hmacSha256Hex('Jefe', 'what do ya want for nothing?')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })

  it('is the vector of RFC 4231, test case 1, for a secret given as bytes', async () => {
    expect(await hmacSha256Hex(new Uint8Array(20).fill(0x0b), 'Hi There')).toBe(
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    )
  })

  it('uses a whsec_ secret as its text, prefix and all', async () => {
    // printf '{}' | openssl dgst -sha256 -hmac 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    expect(await hmacSha256Hex('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '{}')).toBe(
      '6cbbcdf2c8016ca85b50543b19e8e121ef16137967bdfa3ce660972922bafaeb',
    )
  })
})

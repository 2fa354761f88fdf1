// Ed25519 from its 32-byte seed. WebCrypto imports a private key as PKCS #8, which is a fixed head and the seed.

const ALGORITHM = 'Ed25519'

export const SEED_BYTES = 32

/** RFC 8410, section 7: version 0, id-Ed25519, an octet string of an octet string of 32 bytes. */
const PKCS8_HEAD = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32] as const

/** The public half is derived from the seed, never taken from the caller: a wrong one would leak the seed. */
export function importEd25519Key(seed: Uint8Array, extractable = false): Promise<CryptoKey> {
  const pkcs8 = Uint8Array.of(...PKCS8_HEAD, ...seed)
  return crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, extractable, ['sign'])
}

export async function ed25519(key: CryptoKey, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, message))
}

/** The 32-byte public key that belongs to a seed. */
export async function ed25519PublicKey(seed: Uint8Array): Promise<Uint8Array> {
  const jwk = await crypto.subtle.exportKey('jwk', await importEd25519Key(seed, true))
  if (jwk instanceof ArrayBuffer || jwk.x === undefined) throw new Error('no public key in the JWK')
  return Uint8Array.fromBase64(jwk.x, { alphabet: 'base64url' })
}

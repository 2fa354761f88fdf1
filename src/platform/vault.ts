// Secrets at rest: AES-256-GCM under SECRETS_KEY, bound to what they belong to (docs/contracts/README.md, "Secrets").
//
// Sealed text: `v1.<key id>.<base64 of nonce and ciphertext>`. The key id is the start of the key's SHA-256, so that
// the right one of several keys is picked while they are being rotated.

import { EngineError } from '../errors.ts'
import { fromBase64 } from '../primitives/base64.ts'
import { Lru } from '../primitives/lru.ts'
import { VAULT } from '../tuning.ts'

const FORMAT = 'v1'
const ALGORITHM = 'AES-GCM'
const KEY_BYTES = 32
/** NIST SP 800-38D: 96 random bits, good for 2^32 texts under one key. */
const NONCE_BYTES = 12
const KEY_ID_BYTES = 4
/** GCM's authentication tag, which ends every ciphertext. */
const TAG_BYTES = 16

export interface Vault {
  /** Encrypts under the newest key. */
  seal(plain: string, boundTo: string): Promise<string>
  /** Rejects when the text was damaged, is bound to something else, or its key is no longer listed. */
  open(sealed: string, boundTo: string): Promise<string>
  /** How every text begins that is sealed under the newest key, and no other. */
  newestPrefix(): Promise<string>
  /** How texts begin that are sealed under one of the keys, newest first, all equally long. Rejects when a key is malformed. */
  prefixes(): Promise<readonly string[]>
}

interface VaultKey {
  readonly id: string
  readonly key: CryptoKey
}

const vaults = new Map<string, Vault>()

/**
 * The vault of `secretsKey`: 32-byte keys in base64, newest first, separated by commas. Made once per isolate, with
 * its imported keys and opened texts. One that is malformed opens and seals nothing, and says so without showing it;
 * what needs no secrets goes on.
 */
export function createVault(secretsKey: string): Vault {
  const known = vaults.get(secretsKey)
  if (known !== undefined) return known
  const vault = openVault(secretsKey)
  vaults.set(secretsKey, vault)
  return vault
}

function parseSecretsKey(secretsKey: string): readonly Uint8Array<ArrayBuffer>[] {
  return secretsKey.split(',').map((entry, index) => {
    const bytes = fromBase64(entry.trim())
    if (bytes?.byteLength === KEY_BYTES) return bytes
    throw unusable(
      `SECRETS_KEY is malformed, because entry ${index + 1} is not ${KEY_BYTES} bytes in base64 (generate one with openssl rand -base64 32)`,
    )
  })
}

/** The caller's request is good: it is the deployment that lacks something, or what it stored that was harmed. */
function unusable(why: string, cause?: unknown): EngineError {
  const { retryAfterSeconds } = VAULT
  return new EngineError('unavailable', `The stored secrets cannot be used: ${why}.`, {
    retryAfterSeconds,
    cause,
  })
}

function openVault(secretsKey: string): Vault {
  let imported: Promise<readonly VaultKey[]> | null = null
  const opened = new Lru<string, string>({
    max: VAULT.cacheChars,
    sizeOf: (key, text) => key.length + text.length,
  })

  function keys(): Promise<readonly VaultKey[]> {
    imported ??= importKeys(secretsKey)
    return imported
  }

  async function newestKey(): Promise<VaultKey> {
    const [newest] = await keys()
    if (newest === undefined) throw unusable('SECRETS_KEY contains no key')
    return newest
  }

  return {
    async seal(plain, boundTo) {
      const newest = await newestKey()
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      const ciphertext = await crypto.subtle.encrypt(
        { name: ALGORITHM, iv: nonce, additionalData: new TextEncoder().encode(boundTo) },
        newest.key,
        new TextEncoder().encode(plain),
      )
      return `${prefixOf(newest)}${concat(nonce, new Uint8Array(ciphertext)).toBase64()}`
    },

    async open(sealed, boundTo) {
      const cacheKey = `${boundTo} ${sealed}`
      const known = opened.get(cacheKey)
      if (known !== undefined) return known
      const [format, keyId, encoded = '', ...rest] = sealed.split('.')
      const bytes = fromBase64(encoded)
      const isWhole = bytes !== null && bytes.byteLength >= NONCE_BYTES + TAG_BYTES
      if (format !== FORMAT || !isWhole || rest.length > 0) {
        throw unusable('the stored value does not have the expected format')
      }
      const match = (await keys()).find(({ id }) => id === keyId)
      if (match === undefined) {
        throw unusable('they were encrypted with a key that is not in SECRETS_KEY')
      }
      const plain = await decrypt(match.key, bytes, boundTo)
      opened.set(cacheKey, plain)
      return plain
    },

    newestPrefix: async () => prefixOf(await newestKey()),
    prefixes: async () => (await keys()).map(prefixOf),
  }
}

function prefixOf({ id }: VaultKey): string {
  return `${FORMAT}.${id}.`
}

async function importKeys(secretsKey: string): Promise<readonly VaultKey[]> {
  return Promise.all(parseSecretsKey(secretsKey).map(importKey))
}

async function importKey(raw: Uint8Array<ArrayBuffer>): Promise<VaultKey> {
  const [digest, key] = await Promise.all([
    crypto.subtle.digest('SHA-256', raw),
    crypto.subtle.importKey('raw', raw, ALGORITHM, false, ['encrypt', 'decrypt']),
  ])
  return { id: new Uint8Array(digest, 0, KEY_ID_BYTES).toHex(), key }
}

async function decrypt(
  key: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
  boundTo: string,
): Promise<string> {
  const iv = bytes.subarray(0, NONCE_BYTES)
  const additionalData = new TextEncoder().encode(boundTo)
  try {
    const plain = await crypto.subtle.decrypt(
      { name: ALGORITHM, iv, additionalData },
      key,
      bytes.subarray(NONCE_BYTES),
    )
    return new TextDecoder().decode(plain)
  } catch (cause) {
    throw unusable('the stored value is damaged or belongs to something else', cause)
  }
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.byteLength + tail.byteLength)
  whole.set(head)
  whole.set(tail, head.byteLength)
  return whole
}

// Base64 of RFC 4648 section 4, strictly: the alphabet, the padding, and no stray bits, as receivers' libraries want it.

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

export function encodeBase64(bytes: Uint8Array): string {
  return bytes.toBase64()
}

/** The bytes, or null when `text` is not canonical base64. */
export function decodeBase64(text: string): Uint8Array | null {
  if (!BASE64.test(text)) return null
  const binary = atob(text)
  if (btoa(binary) !== text) return null
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** Base64url without padding (RFC 4648 section 5), as JSON Web Keys hold it. */
export function decodeBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

// Base64 of RFC 4648 section 4, strictly: the alphabet, the padding, and no stray bits, as receivers' libraries want it.

/** The bytes, or null when `text` is not canonical base64: the runtime takes whitespace, and padding that is left out. */
export function decodeBase64(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' })
    return bytes.toBase64() === text ? bytes : null
  } catch {
    return null
  }
}

// Base64 of RFC 4648, section 4.

/** The bytes of a text as lenient as the runtime takes it: with whitespace, without padding; null for any other. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.fromBase64(text)
  } catch {
    return null
  }
}

/** The bytes of a text that is what an encoder writes, padding and all, as receivers' libraries want it; null for any other. */
export function fromCanonicalBase64(text: string): Uint8Array | null {
  const bytes = fromBase64(text)
  return bytes?.toBase64() === text ? bytes : null
}

// SHA-256 of text, as hex, and comparing what must stay secret.

export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return new Uint8Array(digest).toHex()
}

/** Whether two digests are the same, in a time that does not tell where they begin to differ. */
export function sameDigest(a: string, b: string): boolean {
  const [one, other] = [new TextEncoder().encode(a), new TextEncoder().encode(b)]
  return one.byteLength === other.byteLength && crypto.subtle.timingSafeEqual(one, other)
}

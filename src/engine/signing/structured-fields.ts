// The few structured fields that are written here (RFC 8941): strings, bytes, and the list of what a signature covers.

/** RFC 8941, section 4.1.6. Throws for what no string may have: whoever calls has checked it. */
export function toSfString(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error('a structured string is not ASCII')
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

/** RFC 8941, section 4.1.8. */
export function toSfBytes(bytes: Uint8Array): string {
  return `:${bytes.toBase64()}:`
}

type Parameter = readonly [name: string, value: string | number]

/** RFC 8941, section 4.1.1.1, of items that are written already. */
export function toSfInnerList(items: readonly string[], parameters: readonly Parameter[]): string {
  const written = parameters.map(([name, value]) =>
    typeof value === 'number' ? `;${name}=${value}` : `;${name}=${toSfString(value)}`,
  )
  return `(${items.join(' ')})${written.join('')}`
}

// A second reading of the same 128 bits, independent of the library that the product uses.

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A UUID as a ULID: Crockford's base 32 of its number. */
export function toUlid(uuid: string): string {
  let number = BigInt(`0x${uuid.replaceAll('-', '')}`)
  let text = ''
  while (text.length < 26) {
    text = (CROCKFORD[Number(number % 32n)] ?? '') + text
    number /= 32n
  }
  return text
}

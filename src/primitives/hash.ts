// A number that depends evenly on each character of a text, the same in every version: it says where things are kept.

/** 32 bits: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), mixed by the last steps of MurmurHash3. No secret. */
export function hash32(text: string): number {
  let hash = 2_166_136_261
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 2_246_822_507)
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909)
  return (hash ^ (hash >>> 16)) >>> 0
}

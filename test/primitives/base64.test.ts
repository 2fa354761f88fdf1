import { describe, expect, it } from 'vitest'
import { fromBase64, fromCanonicalBase64 } from '../../src/primitives/base64.ts'

describe('base64', () => {
  it.each([
    ['', [], []],
    ['AQID', [1, 2, 3], [1, 2, 3]],
    ['AQI=', [1, 2], [1, 2]],
    // As the runtime takes it, and as no encoder writes it.
    ['AQI', [1, 2], null],
    [' AQID\n', [1, 2, 3], null],
    ['AQJ=', [1, 2], null],
    ['A', null, null],
    ['AQ_D', null, null],
    ['ü', null, null],
  ])('%j gives %j, and if it must be canonical %j', (text, bytes, canonical) => {
    const list = (read: Uint8Array | null) => read && [...read]
    expect(list(fromBase64(text))).toEqual(bytes)
    expect(list(fromCanonicalBase64(text))).toEqual(canonical)
  })
})

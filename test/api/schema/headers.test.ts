import { describe, expect, it } from 'vitest'
import { toHeadersResponse } from '../../../src/api/schema/headers.ts'

describe('toHeadersResponse', () => {
  it('names headers as they were first written and masks what they say', () => {
    expect(
      toHeadersResponse([
        ['X-One', 'one'],
        ['X-Two', 'first'],
        ['x-two', 'second'],
      ]),
    ).toEqual({ 'X-One': '••••', 'X-Two': ['••••', '••••'] })
  })
})

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { tokensOf } from '../../src/primitives/cursor.ts'

const tokens = tokensOf(z.strictObject({ type: z.string() }))

describe('a token', () => {
  it('is the base64url of a position as JSON, without padding', () => {
    expect(tokens.write({ type: 'paid' })).toBe('eyJ0eXBlIjoicGFpZCJ9')
    expect(tokens.read('eyJ0eXBlIjoicGFpZCJ9')).toEqual({ type: 'paid' })
  })

  it.each([
    ['nothing', ''],
    ['no base64', '%'],
    ['no JSON', 'e30x'],
    ['another position', 'eyJ0eXBlIjo1fQ'],
    ['a position with more', 'eyJ0eXBlIjoiYSIsIngiOjF9'],
  ])('is none with %s in it', (_, text) => {
    expect(tokens.read(text)).toBeNull()
  })
})

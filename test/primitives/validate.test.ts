import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { invalidInput, validate } from '../../src/primitives/validate.ts'

describe('invalidInput', () => {
  const issues = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ path: [index], message: 'is wrong' }))

  it('names the first three places and counts the others', () => {
    expect(invalidInput(issues(5)).message).toBe(
      '[0]: is wrong; [1]: is wrong; [2]: is wrong (and 2 more)',
    )
  })

  it('keeps 100 issues and counts all', () => {
    const error = invalidInput(issues(100_000))
    expect(error.issues).toHaveLength(100)
    expect(error.message).toContain('(and 99997 more)')
  })
})

describe('validate', () => {
  it.each(['{"toString":""}', '[{"toString":""}]', '{"valueOf":1,"toString":1}'])(
    'names what is no text, whatever its length: %s',
    (json) => {
      const length = JSON.parse(json)
      const schema = z.object({ a: z.array(z.string().min(1).max(3)), b: z.string().min(1) })
      const value = { a: [{ length }, 'abcd', 'ok'], b: { length, data: { length: 5 } } }
      expect(() => validate(schema, value)).toThrow(
        expect.objectContaining({
          code: 'invalid',
          issues: expect.arrayContaining(
            [['a', 0], ['a', 1], ['b']].map((path) => expect.objectContaining({ path })),
          ),
        }),
      )
    },
  )

  it('names an unknown field in its place', () => {
    const schema = z.object({ a: z.strictObject({}) })
    expect(() => validate(schema, { a: { b: 1 } })).toThrow(
      expect.objectContaining({
        code: 'invalid',
        issues: [{ path: ['a', 'b'], message: 'Unknown field.' }],
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EngineError } from '../../src/errors.ts'
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

  describe('of a union', () => {
    const either = z.union(
      [
        z.literal('all'),
        z.strictObject({ ids: z.array(z.string()).min(1) }),
        z.strictObject({ scope: z.record(z.string(), z.string()), deep: z.boolean().optional() }),
      ],
      { error: 'Expected "all", ids or a scope.' },
    )
    const refusedAt = (value: unknown) => {
      try {
        validate(z.object({ what: either }), { what: value })
      } catch (error) {
        return error instanceof EngineError ? error.issues.map(({ path }) => path.join('.')) : error
      }
      return 'taken'
    }

    it.each([
      ['another word', 'some', ['what']],
      ['nothing', undefined, ['what']],
      ['what is of neither', {}, ['what']],
      ['what is of both', { ids: ['a'], scope: {} }, ['what']],
      ['what is unknown to both', { other: 1 }, ['what']],
      ['a wrong item of one', { ids: ['a', 5] }, ['what.ids.1']],
      [
        'a wrong item and a field of no other',
        { ids: ['a', 5], more: 1 },
        ['what.ids.1', 'what.more'],
      ],
      ['a wrong entry of another', { scope: { a: 1 }, deep: 'no' }, ['what.scope.a', 'what.deep']],
    ])('names what is wrong with the one that was meant: %s', (_, value, paths) => {
      expect(refusedAt(value)).toEqual(paths)
    })
  })
})

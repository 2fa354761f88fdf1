import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { clamped, readQuery, refuseOtherParameters } from '../../src/http/query.ts'

const schema = z.object({
  status: z.enum(['on', 'off']).optional(),
  limit: z.string().default('5'),
})
const read = (query: string) => readQuery(`https://hookline.test/v1/things?${query}`, schema)

describe('readQuery', () => {
  it('reads what a schema knows and ignores the rest', () => {
    expect(read('status=on&utm_source=x')).toEqual({ status: 'on', limit: '5' })
    expect(read('__proto__=x')).toEqual({ limit: '5' })
  })

  it.each(['status=up', 'status=', 'status=on&status=on'])('refuses %s', (query) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        issues: [expect.objectContaining({ path: ['status'] })],
      }),
    )
  })
})

describe('refuseOtherParameters', () => {
  const url = (query: string) => `https://hookline.test/v1/things?${query}`

  it('lets pass what a schema has', () => {
    expect(() => refuseOtherParameters(url('status=on&limit=5&limit=6'), schema)).not.toThrow()
    expect(() => refuseOtherParameters(url(''))).not.toThrow()
  })

  it('names each of the others once', () => {
    const issues = ['enabled', 'toString'].map((name) => ({
      path: [name],
      message: 'Unknown parameter. There are: status, limit.',
    }))
    expect(() =>
      refuseOtherParameters(url('enabled=1&limit=5&toString=2&enabled'), schema),
    ).toThrow(expect.objectContaining({ code: 'invalid', issues }))
  })
})

describe('a clamped number', () => {
  it.each([
    ['1', 1],
    ['007', 7],
    ['100', 100],
    ['101', 100],
    ['9'.repeat(400), 100],
  ])('reads %j as %j', (text, number) => {
    expect(clamped(1, 100).parse(text)).toBe(number)
  })

  it.each(['0', '-1', '1.5', '1e2', '', ' 5', 'ten', '٣'])('is not %j', (text) => {
    expect(clamped(1, 100).safeParse(text).success).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readQuery } from '../../src/http/query.ts'

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

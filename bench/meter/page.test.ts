import { expect, it } from 'vitest'
import { withMeasured } from '../page.ts'
import results from '../results.json'

const [page = ''] = Object.values(
  import.meta.glob<string>('../../docs/benchmarks.md', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
)

it('docs/benchmarks.md says what was measured', () => {
  expect(withMeasured(page, results as never)).toBe(page)
})

it('a number that was not measured is found', () => {
  const other = { ...results, at: '2001-01-01T00:00:00.000Z' }
  expect(withMeasured(page, other as never)).not.toBe(page)
})

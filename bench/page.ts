// The measured part of docs/benchmarks.md, from the results: so the page says what was measured, and a test holds the two
// together.

import type { Results } from './results.ts'
import { tablesOf, verdictsTable } from './tables.ts'

const BEGIN = '<!-- measured: written by `npm run bench` from bench/results.json -->'
const END = '<!-- end of measured -->'

/** The page with the measured part of these results. Throws when the page has no place for it. */
export function withMeasured(page: string, results: Results): string {
  const [before, rest] = page.split(`${BEGIN}\n`)
  const [, after] = rest?.split(END) ?? []
  if (before === undefined || after === undefined)
    throw new Error('docs/benchmarks.md has no measured part.')
  return `${before}${BEGIN}\n\n${toMarkdown(results)}\n\n${END}${after}`
}

const STORAGE = { memory: 'in memory', disk: 'on the disk' } as const

function toMarkdown({ at, commit, machine, verdicts, ...measured }: Results): string {
  const { cores, storage, seconds } = machine
  const head = `Measured on ${at.slice(0, 10)} at ${commit}, ${cores} cores, databases ${STORAGE[storage]}, in ${seconds} s.`
  return [head, verdictsTable(verdicts), ...tablesOf(measured)].join('\n\n')
}

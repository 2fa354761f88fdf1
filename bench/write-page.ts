// Writes the measured part of docs/benchmarks.md from results.json.

import { readFileSync, writeFileSync } from 'node:fs'
import { withMeasured } from './page.ts'

/** Brings the page up to the results. */
export function writeMeasured(): void {
  const page = new URL('../docs/benchmarks.md', import.meta.url)
  const results = JSON.parse(readFileSync(new URL('results.json', import.meta.url), 'utf8'))
  writeFileSync(page, withMeasured(readFileSync(page, 'utf8'), results))
}

if (import.meta.main) writeMeasured()

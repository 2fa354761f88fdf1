// Writes the measured part of README.md from results.json.

import { readFileSync, writeFileSync } from 'node:fs'
import { withMeasured } from './readme.ts'

/** Brings the page up to the results. */
export function writeReadme(): void {
  const page = new URL('../README.md', import.meta.url)
  const results = JSON.parse(readFileSync(new URL('results.json', import.meta.url), 'utf8'))
  writeFileSync(page, withMeasured(readFileSync(page, 'utf8'), results))
}

if (import.meta.main) writeReadme()

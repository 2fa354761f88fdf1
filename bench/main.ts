// `npm run bench`: measures what can only be measured, and prints it. Nothing here is asserted in tests.

import { writeFileSync } from 'node:fs'
import { type IsolationRun, measureIsolation } from './isolation.ts'

const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(9)

const isolation = await measureIsolation((line) => console.log(`  ${line}`))
const rows: readonly (readonly [string, IsolationRun])[] = [
  ['all answer', isolation.calm],
  ['4 silent', isolation.troubled],
]
console.log(
  '\nIsolation: publish to receipt at the healthy webhooks of 20, 4 events a second to all\n',
)
console.log('              p50       p99       max   p99 after 5 s   missing')
for (const [name, run] of rows) {
  const { p50Ms, p99Ms, maxMs, settledP99Ms, missing } = run
  console.log(
    `${name.padEnd(10)} ${ms(p50Ms)} ${ms(p99Ms)} ${ms(maxMs)} ${ms(settledP99Ms)}        ${missing}`,
  )
}
console.log(
  `\np99 after the first five seconds: ${isolation.ratio.toFixed(2)} times that of the calm run`,
)
writeFileSync(
  new URL('results.json', import.meta.url),
  `${JSON.stringify({ at: new Date().toISOString(), isolation }, null, 2)}\n`,
)

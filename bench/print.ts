// The results as tables of a terminal.

import type { Comparison, Latency, Results } from './results.ts'

const ms = (value: number) => `${value.toFixed(1)} ms`
const dollars = (value: number) => `$${value.toFixed(3)}`
const times = (value: number) => `${value.toFixed(2)} ×`

const toFloor = ({ receivedTimesFloor: { bare, hookline } }: Comparison) =>
  `${times(hookline)} (the bare Worker ${times(bare)})`

/** Prints rows with columns as wide as they need. */
function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
  console.log(`\n${title}\n`)
  for (const row of [head, ...rows]) console.log(`  ${line(row)}`)
}

export function print({ cost, speed, isolation, growth, verdicts, machine }: Results): void {
  table(
    'Cost of a million events, by the meter',
    ['', 'dollars', 'to the floor', 'messages a batch'],
    cost.map(({ what, dollarsPerMillionEvents, timesFloor, messagesPerBatch }) => [
      what,
      dollars(dollarsPerMillionEvents),
      times(timesFloor),
      messagesPerBatch.toFixed(1),
    ]),
  )
  const { throughput, idle, loaded } = speed
  const { bare, hookline } = throughput
  table(
    'Throughput',
    ['', 'events a second', 'to the floor', 'CPU a delivery'],
    [
      ['the floor Worker', throughput.floor, 1] as const,
      ['the bare Worker, single publishes', bare.single, bare.singleTimesFloor] as const,
      ['the bare Worker, 50 per publish', bare.packs, bare.packsTimesFloor] as const,
      ['single publishes', hookline.single, hookline.singleTimesFloor] as const,
      ['50 per publish', hookline.packs, hookline.packsTimesFloor] as const,
    ].map(([name, { eventsPerSecond, cpuMsPerDelivery }, ratio]) => [
      name,
      eventsPerSecond.toFixed(0),
      times(ratio),
      cpuMsPerDelivery === null ? 'unknown' : ms(cpuMsPerDelivery),
    ]),
  )
  const spreads = (name: string, { answered, received }: Latency) => [
    name,
    ...[answered, received].map(({ p50, p95, p99 }) => [p50, p95, p99].map(ms).join(', ')),
  ]
  table(
    'Latency (p50, p95, p99)',
    ['', 'publish to answer', 'publish to receipt'],
    [
      spreads('idle, the floor Worker', idle.floor),
      spreads('idle, the bare Worker', idle.bare),
      spreads('idle', idle.hookline),
      spreads('loaded, the floor Worker', loaded.floor),
      spreads('loaded, the bare Worker', loaded.bare),
      spreads('loaded', loaded.hookline),
    ],
  )
  console.log(
    `\n  publish to receipt, median, to the floor: idle ${toFloor(idle)}, ` +
      `at ${loaded.publishesPerSecond.toFixed(0)} publishes a second ${toFloor(loaded)}`,
  )
  table(
    'Growth',
    ['', '', 'dollars a million', 'a delivery', 'D1 rows an event'],
    growth.map((one) => [
      one.along,
      String(one.value),
      dollars(one.dollarsPerMillionEvents),
      ms(one.msPerDelivery),
      one.databaseRowsReadPerEvent.toFixed(1),
    ]),
  )
  table(
    'Isolation: publish to receipt at 16 healthy webhooks, steady traffic to all',
    ['', 'p50', 'p99', 'max', 'p99 after 5 s', 'missing', 'retry late, max'],
    (
      [
        ['all answer', isolation.calm],
        ['4 silent', isolation.troubled],
      ] as const
    ).map(([name, { received, settledP99, missing, retryLateMax }]) => [
      name,
      ms(received.p50),
      ms(received.p99),
      ms(received.max),
      ms(settledP99),
      String(missing),
      ms(retryLateMax),
    ]),
  )
  console.log()
  for (const { what, measured, bound, limit, passed, bare } of verdicts) {
    const besides = bare === undefined ? '' : ` (the bare Worker ${bare.toFixed(2)})`
    const said = `${what}: ${measured.toFixed(2)}, ${bound} ${limit}${besides}`
    console.log(`  ${passed ? 'PASS' : 'FAIL'}  ${said}`)
  }
  console.log(
    `\n  ${machine.seconds} s on ${machine.cores} cores, databases in ${machine.storage}; bench/results.json is written.`,
  )
}

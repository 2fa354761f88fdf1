// The measured part of docs/benchmarks.md, from the results: so the page says what was measured, and a test holds the two
// together.

import type { Comparison, Latency, Results, Throughput } from './results.ts'

const BEGIN = '<!-- measured: written by `npm run bench` from bench/results.json -->'
const END = '<!-- end of measured -->'

/** The page with the measured part of these results. Throws when the page has no place for it. */
export function withMeasured(page: string, results: Results): string {
  const [before, rest] = page.split(`${BEGIN}\n`)
  const [, after] = rest?.split(END) ?? []
  if (before === undefined || after === undefined)
    throw new Error('docs/benchmarks.md has no measured part.')
  return `${before}${BEGIN}\n\n${toMarkdown(results)}\n${END}${after}`
}

const STORAGE = { memory: 'in memory', disk: 'on the disk' } as const

function toMarkdown({ at, commit, machine, cost, speed, ...rest }: Results): string {
  const { growth, isolation, verdicts } = rest
  const { throughput, idle, loaded } = speed
  const { bare, hookline } = throughput
  const spread = ({ answered, received }: Latency) =>
    [answered, received].map(({ p50, p95, p99 }) => `${ms(p50)} / ${ms(p95)} / ${ms(p99)}`)
  const pct = [isolation.calm, isolation.troubled].map(({ received, settledP99, retryLateMax }) => [
    ms(received.p50),
    ms(settledP99),
    ms(received.max),
    ms(retryLateMax),
  ])
  return [
    `Measured on ${at.slice(0, 10)} at ${commit}, ${machine.cores} cores, databases ${STORAGE[machine.storage]}, in ${machine.seconds} s.`,
    table(
      ['a million events', 'dollars', 'to the floor', 'messages a batch'],
      cost.map((one) => [
        one.what,
        dollars(one.dollarsPerMillionEvents),
        times(one.timesFloor),
        one.messagesPerBatch.toFixed(1),
      ]),
    ),
    table(
      ['throughput', 'events a second', 'to the floor', 'CPU a delivery'],
      [
        row('the floor Worker, single publishes', throughput.floor, 1),
        row('the bare Worker, single publishes', bare.single, bare.singleTimesFloor),
        row('the bare Worker, 50 per publish', bare.packs, bare.packsTimesFloor),
        row('Hookline, single publishes', hookline.single, hookline.singleTimesFloor),
        row('Hookline, 50 per publish', hookline.packs, hookline.packsTimesFloor),
      ],
    ),
    table(
      ['p50 / p95 / p99', 'publish to answer', 'publish to receipt'],
      [
        ['the floor Worker, idle', ...spread(idle.floor)],
        ['the bare Worker, idle', ...spread(idle.bare)],
        ['Hookline, idle', ...spread(idle.hookline)],
        [`the floor Worker, ${rate(loaded)}`, ...spread(loaded.floor)],
        [`the bare Worker, ${rate(loaded)}`, ...spread(loaded.bare)],
        [`Hookline, ${rate(loaded)}`, ...spread(loaded.hookline)],
      ],
    ),
    [
      `Median from publish to receipt: ${toFloor(idle)} when idle,`,
      `${toFloor(loaded)} under load.`,
    ].join('\n'),
    table(
      [
        'growth with',
        'at',
        'dollars a million events',
        'wall time a delivery',
        'D1 rows read an event',
      ],
      growth.map((one) => [
        one.along,
        one.value.toLocaleString('en'),
        dollars(one.dollarsPerMillionEvents),
        ms(one.msPerDelivery),
        one.databaseRowsReadPerEvent.toFixed(1),
      ]),
    ),
    table(
      ['20 webhooks, the 16 healthy ones', 'p50', 'p99 after 5 s', 'max', 'latest retry late by'],
      [
        ['all answer', ...(pct[0] ?? [])],
        ['4 are silent', ...(pct[1] ?? [])],
      ],
    ),
    table(
      ['to be reached', 'bound', 'the bare Worker', 'measured', ''],
      verdicts.map(({ what, bound, limit, bare, measured, passed }) => [
        what,
        `${bound} ${limit.toLocaleString('en')}`,
        bare?.toFixed(2) ?? '',
        measured.toFixed(limit < 10 && limit > 0 ? 2 : 0),
        passed ? 'reached' : 'missed',
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

function toFloor({ receivedTimesFloor: { bare, hookline } }: Comparison): string {
  return `${times(hookline)} the floor (the bare Worker ${times(bare)})`
}

function row(
  name: string,
  { eventsPerSecond, cpuMsPerDelivery }: Throughput,
  ratio: number,
): readonly string[] {
  const cpu = cpuMsPerDelivery === null ? 'unknown' : ms(cpuMsPerDelivery)
  return [name, eventsPerSecond.toFixed(0), times(ratio), cpu]
}

const rate = ({ publishesPerSecond }: { readonly publishesPerSecond: number }) =>
  `${publishesPerSecond.toFixed(0)} publishes a second`
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const dollars = (value: number) => `$${value.toFixed(2)}`
const times = (value: number) => `${value.toFixed(2)}×`

/** With columns as wide as they need, which is how the page is formatted. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

// What was measured as tables in Markdown, for a terminal as well as for docs/benchmarks.md.

import type {
  Burst,
  Contender,
  Cost,
  Growth,
  IsolationRun,
  IsolationSide,
  Latency,
  Measured,
  NeighbourResult,
  ReadableResult,
  Speed,
  Verdict,
} from './results.ts'
import type { Spread } from './statistics.ts'

const NAMES: Readonly<Record<Contender, string>> = {
  floor: 'the floor Worker',
  bare: 'the bare Worker',
  direct: 'the direct Worker',
  hookline: 'Hookline',
  shaped: 'Hookline, filter and body',
  signed: 'Hookline, HTTP signature',
  former: 'Hookline, former',
}

/** Of what there is. */
export function tablesOf({
  cost,
  speed,
  growth,
  isolation,
  neighbour,
  readable,
}: Partial<Measured>): readonly string[] {
  return [
    ...(speed === undefined ? [] : speedTables(speed)),
    ...(isolation === undefined ? [] : [isolationTable(isolation)]),
    ...(neighbour === undefined ? [] : [neighbourText(neighbour)]),
    ...(readable === undefined ? [] : [readableText(readable)]),
    ...(cost === undefined ? [] : [costTable(cost)]),
    ...(growth === undefined ? [] : [growthTable(growth)]),
  ]
}

export function verdictsTable(verdicts: readonly Verdict[]): string {
  return table(
    ['to be reached', 'bound', 'measured', ''],
    verdicts.map(({ what, bound, limit, measured, passed }) => [
      what,
      `${bound} ${number(limit)}`,
      number(measured),
      passed ? 'reached' : 'missed',
    ]),
  )
}

function speedTables({ idle, single, fanOut, packs }: Speed): readonly string[] {
  return [
    burstTable('single publishes, 20 connections', single),
    burstTable('to ten webhooks, 10 connections', fanOut),
    burstTable('fifty a publish, 20 connections', packs),
    latencyTable(idle),
  ]
}

function burstTable(what: string, all: readonly Burst[]): string {
  const direct = all.find(({ who }) => who === 'direct')
  return table(
    [
      what,
      'deliveries a second',
      'to the direct',
      'CPU a delivery',
      'publish to receipt',
      'came twice',
    ],
    all.map(({ who, deliveriesPerSecond, cpuMsPerDelivery, received, duplicates }) => [
      NAMES[who],
      deliveriesPerSecond.toFixed(0),
      direct === undefined ? '' : times(deliveriesPerSecond / direct.deliveriesPerSecond),
      cpuMsPerDelivery === null ? 'unknown' : `${cpuMsPerDelivery.toFixed(2)} ms`,
      spread(received),
      String(duplicates),
    ]),
  )
}

function latencyTable(all: readonly Latency[]): string {
  const direct = all.find(({ who }) => who === 'direct')
  return table(
    ['one publish after another', 'publish to answer', 'publish to receipt', 'to the direct'],
    all.map(({ who, answered, received }) => [
      NAMES[who],
      spread(answered),
      spread(received),
      direct === undefined ? '' : times(received.p50 / direct.received.p50),
    ]),
  )
}

function isolationTable(runs: readonly IsolationRun[]): string {
  const cells = ({ firstAttempts, medianAtFirst, medianAtLast, retriesLate }: IsolationSide) => [
    ms(firstAttempts.p99),
    `${ms(medianAtFirst)}, ${ms(medianAtLast)}`,
    ms(retriesLate.p99),
  ]
  const head = (whose: string) => [`${whose}: p99`, 'median at first, at last', 'retries late, p99']
  return table(
    ['of 20 webhooks', ...head('same tenant'), ...head('other tenant')],
    runs.map(({ trouble, within, between }) => [
      trouble === null ? 'all answer' : `4 ${trouble}`,
      ...cells(within),
      ...cells(between),
    ]),
  )
}

function neighbourText({ bytes, events, seconds, before, beside }: NeighbourResult): string {
  return table(
    ['beside an expensive tenant', 'publish to receipt', 'longest'],
    [
      ['before', spread(before), ms(before.max)],
      [
        `while ${number(events)} events (${(bytes / 1e6).toFixed(1)} MB) are accepted in ${seconds.toFixed(1)} s, and after`,
        spread(beside),
        ms(beside.max),
      ],
    ],
  )
}

function readableText({ events, afterAnswer, whileReceived }: ReadableResult): string {
  const answers = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')
  return table(
    [`${events} events read`, 'answered'],
    [
      ['as soon as their publish was answered', answers(afterAnswer)],
      ['by the receiver, before it answers', answers(whileReceived)],
    ],
  )
}

function costTable(costs: readonly Cost[]): string {
  return table(
    ['a million events', 'dollars', 'to the floor', 'messages a batch'],
    costs.map(({ what, dollarsPerMillionEvents, timesFloor, messagesPerBatch }) => [
      what,
      dollars(dollarsPerMillionEvents),
      times(timesFloor),
      Number.isFinite(messagesPerBatch) ? messagesPerBatch.toFixed(1) : '',
    ]),
  )
}

function growthTable(growth: readonly Growth[]): string {
  return table(
    [
      'growth with',
      'at',
      'dollars a million events',
      'wall time a delivery',
      'D1 rows read an event',
    ],
    growth.map((one) => [
      one.along,
      number(one.value),
      dollars(one.dollarsPerMillionEvents),
      ms(one.msPerDelivery),
      one.databaseRowsReadPerEvent.toFixed(1),
    ]),
  )
}

/** The 50th, 95th and 99th percentile. */
const spread = ({ p50, p95, p99 }: Spread) => [p50, p95, p99].map(ms).join(' / ')
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const dollars = (value: number) => `$${value.toFixed(2)}`
const times = (value: number) => `${value.toFixed(2)}×`
const number = (value: number) =>
  value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 })

/** With columns as wide as they need, which is how the page is formatted. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

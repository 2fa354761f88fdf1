// What a run of the benchmark was to reach, and whether it did.

import type {
  Burst,
  Contender,
  Cost,
  Growth,
  IsolationRun,
  IsolationSide,
  Measured,
  NeighbourResult,
  ReadableResult,
  Speed,
  Verdict,
} from './results.ts'

/**
 * Deliveries a second, fifty events a publish, of Hookline at 1b201af, which put every event into a queue before it was
 * sent: by the peers' driver on two quiet cores on 2026-11-25. It was another sitting, and other machines have other
 * figures: what is measured compares with it on that machine only, and roughly. A run with `--former=…` measures it anew.
 */
const FORMER_PACKS_PER_SECOND = 2_128

/** Milliseconds that nobody notices, whatever the calm run took. */
const UNNOTICED_MS = 50
/** Milliseconds by which medians differ from one second to the next without anything growing. */
const NOISE_MS = 10

type Bound = Omit<Verdict, 'isRequired'>

export function verdictsOf({
  speed,
  isolation,
  neighbour,
  readable,
  cost,
  growth,
}: Partial<Measured>): readonly Verdict[] {
  const told = [
    ...(speed === undefined ? [] : speedVerdicts(speed)),
    ...(cost === undefined ? [] : costVerdicts(cost)),
    ...(growth === undefined ? [] : growthVerdicts(growth)),
  ]
  const required = [
    ...(isolation === undefined ? [] : isolationVerdicts(isolation)),
    ...(neighbour === undefined ? [] : neighbourVerdicts(neighbour)),
    ...(readable === undefined ? [] : readableVerdicts(readable)),
  ]
  return [
    ...told.map((one) => ({ ...one, isRequired: false })),
    ...required.map((one) => ({ ...one, isRequired: true })),
  ]
}

function speedVerdicts({ idle, single, fanOut, packs }: Speed): readonly Bound[] {
  const rate = ({ deliveriesPerSecond }: Burst) => deliveriesPerSecond
  const cpu = ({ cpuMsPerDelivery }: Burst) => cpuMsPerDelivery ?? Number.NaN
  const formerPacks = figureOf(packs, rate, 'former') || FORMER_PACKS_PER_SECOND
  const median = ({ received }: Pick<Burst, 'received'>) => received.p50
  return [
    atLeast(0.83, 'single publishes: deliveries a second, times the direct', times(single, rate)),
    atMost(3, 'single publishes: publish to receipt, times the direct', times(single, median)),
    atMost(1.2, 'single publishes: CPU a delivery, times the direct', times(single, cpu)),
    atMost(1.3, 'idle: publish to receipt, times the direct', times(idle, median)),
    atLeast(
      0.7,
      'single publishes with expressions: deliveries a second, times without',
      times(single, rate, 'shaped', 'hookline'),
    ),
    atLeast(
      0.9,
      'single publishes with an HTTP signature: deliveries a second, times without',
      times(single, rate, 'signed', 'hookline'),
    ),
    atLeast(0.92, 'to ten webhooks: deliveries a second, times the direct', times(fanOut, rate)),
    atLeast(
      1.2,
      'fifty a publish: deliveries a second, times the former',
      figureOf(packs, rate, 'hookline') / formerPacks,
    ),
  ]
}

/** Somebody's figure, times another one's. */
function times<T extends { readonly who: Contender }>(
  all: readonly T[],
  of: (one: T) => number,
  whose: Contender = 'hookline',
  other: Contender = 'direct',
): number {
  return figureOf(all, of, whose) / figureOf(all, of, other)
}

function figureOf<T extends { readonly who: Contender }>(
  all: readonly T[],
  of: (one: T) => number,
  whose: Contender,
): number {
  const found = all.find(({ who }) => who === whose)
  return found === undefined ? Number.NaN : of(found)
}

/** As many connections as the meter has publishers: how many publishes share a row the machine says, and the bars arrange. */
function costVerdicts(cost: readonly Cost[]): readonly Bound[] {
  return (
    [
      ['single publishes, fan-out 1', 0.9],
      ['single publishes, fan-out 3', 0.9],
      ['single publishes, fan-out 10', 0.95],
      ['50 per publish, fan-out 1', 0.06],
    ] as const
  ).map(([what, dollars]) => {
    const one = cost.find((each) => each.what === what)
    const measured = one?.dollarsPerMillionEvents ?? Number.NaN
    return atMost(dollars, `dollars a million events, ${what}`, measured)
  })
}

function growthVerdicts(growth: readonly Growth[]): readonly Bound[] {
  return [
    [100, 4],
    [1_000, 15],
  ].map(([fanOut = 0, dollars = 0]) => {
    const one = growth.find(({ along, value }) => along === 'fan-out' && value === fanOut)
    const what = `dollars a million events, each to ${fanOut.toLocaleString('en')} webhooks`
    return atMost(dollars, what, one?.dollarsPerMillionEvents ?? Number.NaN)
  })
}

/** Every healthy webhook beside whatever trouble, held to the calm run. */
function isolationVerdicts([calm, ...troubled]: readonly IsolationRun[]): readonly Bound[] {
  if (calm === undefined) return []
  const all = [calm, ...troubled].flatMap(({ within, between }) => [within, between])
  const worst = (of: (run: IsolationRun) => number) => Math.max(...troubled.map(of))
  const held = (what: string, of: (run: IsolationRun) => number) =>
    atMost(Math.max(2 * of(calm), UNNOTICED_MS), `${what}, 99th percentile in ms`, worst(of))
  return [
    held('same tenant, healthy: publish to receipt', (run) => run.within.firstAttempts.p99),
    held('other tenant: publish to receipt', (run) => run.between.firstAttempts.p99),
    held('same tenant, healthy: retries late by', (run) => run.within.retriesLate.p99),
    held('other tenant: retries late by', (run) => run.between.retriesLate.p99),
    atMost(2, 'beside trouble: last median, times the first', Math.max(...all.map(growthOf))),
    atMost(0, 'events that healthy webhooks did not get', sum(all.map(({ missing }) => missing))),
    atMost(0, 'retries that did not come', sum(all.map((side) => side.retriesMissing))),
  ]
}

function growthOf({ medianAtFirst, medianAtLast }: IsolationSide): number {
  return medianAtLast - medianAtFirst < NOISE_MS ? 1 : medianAtLast / medianAtFirst
}

function neighbourVerdicts({ beside }: NeighbourResult): readonly Bound[] {
  return [atMost(500, 'beside an expensive tenant: longest wait in ms', beside.max)]
}

function readableVerdicts({
  events,
  afterAnswer,
  whileReceived,
}: ReadableResult): readonly Bound[] {
  const part = (answers: Readonly<Record<string, number>>) => (answers[200] ?? 0) / events
  return [
    atLeast(1, 'part of the events that are readable at the 202', part(afterAnswer)),
    atLeast(1, 'part of the events that are readable in a receiver', part(whileReceived)),
  ]
}

const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0)

function atMost(limit: number, what: string, measured: number): Bound {
  return { what, measured, bound: 'at most', limit, passed: measured <= limit }
}

function atLeast(limit: number, what: string, measured: number): Bound {
  return { what, measured, bound: 'at least', limit, passed: measured >= limit }
}

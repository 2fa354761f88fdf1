// Metrics of a deployment as OpenMetrics text (https://prometheus.io/docs/specs/om/open_metrics_spec/): bounded in labels, so that
// neither tenants nor webhooks make series.

import type { SystemMetrics } from '../engine/index.ts'
import { LATENCY_BOUNDS_MS } from '../engine/model/index.ts'

export const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

interface Sample {
  /** What follows the family's name: `_total`, `_bucket`, … */
  readonly suffix?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly unit?: string
  readonly help: string
  readonly samples: readonly Sample[]
}

/** `now`: Unix milliseconds, from which the ages of messages are counted. */
export function toOpenMetrics(metrics: SystemMetrics, now: number): string {
  return `${familiesOf(metrics, now).flatMap(toLines).join('\n')}\n# EOF\n`
}

function familiesOf(
  { total, population, components, deploymentJobs }: SystemMetrics,
  now: number,
): readonly Family[] {
  const queues = components.flatMap(({ component, backlog }) =>
    backlog === null ? [] : [{ queue: component.replace(/Queue$/, ''), backlog }],
  )
  return [
    counter('hookline_events', 'Events that were accepted.', total.events),
    counter('hookline_event_bytes', 'Size of their data.', total.bytes, 'bytes'),
    {
      ...{ name: 'hookline_attempts', type: 'counter' },
      help: 'Attempts, by whether they delivered.',
      samples: (['delivered', 'failed'] as const).map((outcome) => {
        return { suffix: '_total', labels: { outcome }, value: total[outcome] }
      }),
    },
    counter('hookline_diverted', 'Deliveries that were given up.', total.diverted),
    {
      ...{ name: 'hookline_attempt_duration_seconds', type: 'histogram', unit: 'seconds' },
      help: 'How long the attempts took that delivered.',
      samples: toBuckets(total.latencies, total.latencyMs),
    },
    counter(
      'hookline_cost_dollars',
      'What Cloudflare bills for events and attempts, by the price list beyond what a plan includes; an estimate.',
      total.microdollars / 1_000_000,
      'dollars',
    ),
    gauge('hookline_tenants', 'Tenants.', [{ value: population.tenants }]),
    gauge(
      'hookline_webhooks',
      'Webhooks, by status.',
      Object.entries(population.webhooks).map(([status, value]) => ({ labels: { status }, value })),
    ),
    gauge('hookline_dead_letters', 'Queue messages that were given up.', [
      { value: population.deadLetters },
    ]),
    gauge('hookline_deployment_jobs_running', 'Jobs of the deployment that run.', [
      { value: deploymentJobs },
    ]),
    gauge('hookline_tenant_jobs', 'Jobs of tenants that were begun in the last 30 days.', [
      { value: population.tenantJobs },
    ]),
    gauge(
      'hookline_component_up',
      'Whether a component can be reached.',
      components.map(({ component, reachable }) => {
        return { labels: { component }, value: reachable ? 1 : 0 }
      }),
    ),
    gauge(
      'hookline_queue_messages',
      'Messages that wait in a queue.',
      queues.map(({ queue, backlog }) => ({ labels: { queue }, value: backlog.messages })),
    ),
    gauge(
      'hookline_queue_oldest_age_seconds',
      'Age of the oldest message that waits in a queue; 0 when none waits.',
      queues.map(({ queue, backlog: { oldestAt } }) => {
        return {
          labels: { queue },
          value: oldestAt === null ? 0 : Math.max(0, now - oldestAt) / 1_000,
        }
      }),
      'seconds',
    ),
  ]
}

function counter(name: string, help: string, value: number, unit?: string): Family {
  return {
    ...{ name, type: 'counter', help, samples: [{ suffix: '_total', value }] },
    ...(unit !== undefined && { unit }),
  }
}

function gauge(name: string, help: string, samples: readonly Sample[], unit?: string): Family {
  return { name, type: 'gauge', help, samples, ...(unit !== undefined && { unit }) }
}

/** Each bucket counts what is in those below it, too. */
function toBuckets(counts: readonly number[], sumMs: number): readonly Sample[] {
  let below = 0
  const buckets = counts.map((count, index): Sample => {
    below += count
    const bound = LATENCY_BOUNDS_MS[index]
    const le = bound === undefined ? '+Inf' : toNumber(bound / 1_000)
    return { suffix: '_bucket', labels: { le }, value: below }
  })
  return [...buckets, { suffix: '_count', value: below }, { suffix: '_sum', value: sumMs / 1_000 }]
}

function toLines({ name, type, unit, help, samples }: Family): readonly string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples.map(({ suffix = '', labels = {}, value }) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
      const of = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
      return `${name}${suffix}${of} ${value}`
    }),
  ]
}

/** The specification's canonical form: `le` has a point. */
function toNumber(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

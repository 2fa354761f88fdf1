// How a webhook stands: in words, in figures, and by hour.

import { HealthResponse } from '../../api/schema/health.ts'
import { WebhookActivityResponse } from '../../api/schema/usage.ts'
import type { WebhookResponse } from '../../api/schema/webhook.ts'
import type { V1 } from '../../http/v1.ts'
import type { ConsoleContext } from '../context.ts'
import { DiagnosisNote } from './attempts.tsx'
import { BatchSentence } from './batch-fields.tsx'
import { BlockedKeys } from './blocked-keys.tsx'
import { BarChart } from './chart.tsx'
import { Card, Tile } from './elements.tsx'
import { toHour } from './numbers.ts'
import { StatusSentence } from './status-sentence.tsx'

interface Standing {
  readonly health: HealthResponse
  readonly activity: WebhookActivityResponse
}

/** Of the webhook at a path of the API. */
export async function readStanding(v1: V1, base: string): Promise<Standing> {
  const [health, activity] = await Promise.all([
    v1.get(`${base}/health`, HealthResponse),
    v1.get(`${base}/activity`, WebhookActivityResponse),
  ])
  return { health, activity }
}

interface WebhookStandingProps extends Standing {
  readonly c: ConsoleContext
  readonly webhook: WebhookResponse
  /** Of the pages of its tenant. */
  readonly tenantPath: string
}

export function WebhookStanding({
  c,
  webhook,
  tenantPath,
  health,
  activity,
}: WebhookStandingProps) {
  const { totals, latencyMs, batch, pause, hold, rate } = health
  // What waits for others, too, is among what the status counts of a pause or a hold, but not of a rate.
  const isCounted = pause !== null || hold !== null
  const isRated = rate !== null && rate.waiting > 0
  const isAny = activity.items.some(({ delivered, failed }) => delivered + failed > 0)
  return (
    <>
      <StatusSentence c={c} webhook={webhook} health={health} />
      {batch !== null && !isCounted && <BatchSentence batch={batch} isRated={isRated} />}
      {health.diagnosis && <DiagnosisNote c={c} diagnosis={health.diagnosis} />}
      <dl class="tiles">
        <Tile name="Delivered, 24 h" value={totals.delivered} />
        <Tile name="Failed, 24 h" value={totals.failed} />
        <Tile name="Given up, 24 h" value={totals.diverted} />
        <Tile name="Median latency" value={inMs(latencyMs.p50)} />
        <Tile name="95th percentile" value={inMs(latencyMs.p95)} />
      </dl>
      <BlockedKeys
        c={c}
        order={health.order}
        path={`${tenantPath}/webhooks/${webhook.id}`}
        tenantPath={tenantPath}
      />
      {isAny && <Charts hours={activity.items} />}
    </>
  )
}

function inMs(value: number | null): string {
  return value === null ? '–' : `${Math.round(value).toLocaleString('en')} ms`
}

function Charts({ hours }: { readonly hours: WebhookActivityResponse['items'] }) {
  const note = <span class="quiet small">24 hours, in UTC</span>
  return (
    <div class="columns even">
      <Card title="Attempts" actions={note}>
        <div class="body">
          <BarChart
            says="Attempts by hour, delivered and failed"
            names={['delivered', 'failed']}
            bars={hours.map(({ hour, delivered, failed }) => {
              return { name: toHour(hour), value: delivered, failed }
            })}
          />
        </div>
      </Card>
      <Card title="Time to answer" actions={note}>
        <div class="body">
          {hours.every(({ latencyMs }) => latencyMs === null) ? (
            <p class="quiet">Nothing was delivered.</p>
          ) : (
            <BarChart
              says="Milliseconds until the receiver answered, on average, by hour"
              bars={hours.map(({ hour, latencyMs }) => {
                return { name: toHour(hour), value: latencyMs ?? 0 }
              })}
            />
          )}
        </div>
      </Card>
    </div>
  )
}

// One tenant at a glance: what needs somebody first, then what was published.

import { Hono } from 'hono'
import { JobResponse } from '../../api/schema/job.ts'
import { UsageResponse } from '../../api/schema/usage.ts'
import { WebhookResponse } from '../../api/schema/webhook.ts'
import { type ConsoleEnv, visitOf } from '../context.ts'
import { BarChart } from '../parts/chart.tsx'
import { Badge, Card, Empty, Heading, Tile, Time } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { listShape, ShownEvent } from '../shapes.ts'
import { findTenant, orNothing } from '../tenant.ts'

const Webhooks = listShape(WebhookResponse)
const Jobs = listShape(JobResponse)
const Events = listShape(ShownEvent)

/** Suspended webhooks that the overview names. */
const MOST_NAMED = 5

export const overviewPages = new Hono<ConsoleEnv>().get('/tenants/:tenant', async (c) => {
  const tenant = await findTenant(c)
  const base = `/tenants/${tenant.id}`
  const v1 = visitOf(c).v1
  const [suspended, first, usage, events, jobs] = await Promise.all([
    orNothing(v1.get(`${base}/webhooks?status=suspended&limit=${MOST_NAMED}`, Webhooks)),
    orNothing(v1.get(`${base}/webhooks?limit=1`, Webhooks)),
    orNothing(v1.get(`${base}/usage`, UsageResponse)),
    orNothing(v1.get(`${base}/events?limit=8`, Events)),
    orNothing(v1.get(`${base}/jobs?limit=5`, Jobs)),
  ])
  const [today] = usage?.items ?? []
  const isToday = today?.day === new Date().toISOString().slice(0, 10)
  const { origin } = new URL(c.req.url)
  const running = jobs?.items.filter(({ state }) => state === 'running') ?? []
  return c.html(
    <Page c={c} title={`Overview of ${tenant.name}`} tenant={tenant} tab="overview">
      <Heading>{tenant.name}</Heading>
      <dl class="tiles">
        <Tile name="Published today" value={isToday ? today.events : 0} />
        <Tile name="Deliveries today" value={isToday ? today.deliveries : 0} />
        <Tile name="Bytes today" value={toSize(isToday ? today.bytes : 0)} />
        <Tile name="Suspended webhooks" value={suspended === null ? '–' : atLeast(suspended)} />
        <Tile name="Jobs running" value={running.length} />
      </dl>
      {suspended !== null && suspended.items.length > 0 && (
        <Card title="Suspended: nothing is sent to these">
          <div class="scroll">
            <table class="stack">
              <tbody>
                {suspended.items.map(({ id, name, url, status, suspendedAt }) => (
                  <tr>
                    <td>
                      <a href={`${pathOf(tenant)}/webhooks/${id}`}>{name ?? url}</a>
                    </td>
                    <td>
                      <Badge status={status} /> since <Time at={suspendedAt} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
      )}
      <div class="columns">
        <Card title="Published" actions={<span class="quiet small">the last 30 days, in UTC</span>}>
          <div class="body">
            {usage === null || usage.items.length === 0 ? (
              <p class="quiet">Nothing was published yet.</p>
            ) : (
              <BarChart
                says="Events published by day"
                bars={usage.items
                  .toReversed()
                  .map(({ day, events }) => ({ name: day, value: events }))}
              />
            )}
          </div>
        </Card>
        <Card title="Latest events" actions={<a href={`${pathOf(tenant)}/events`}>All events</a>}>
          {events === null || events.items.length === 0 ? (
            <Empty says="No event was published yet." />
          ) : (
            <table>
              <tbody>
                {events.items.map(({ id, type, time }) => (
                  <tr>
                    <td>
                      <a href={`${pathOf(tenant)}/events/${id}`}>{type}</a>
                      <div class="small quiet">
                        <Time at={time} />
                      </div>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Card>
      </div>
      {first !== null && first.items.length === 0 && (
        <Card title="First steps">
          <Empty
            says="This tenant has no webhook yet. Make one, and publish an event:"
            command={`curl -X POST ${origin}/v1/tenants/${tenant.id}/webhooks \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"url": "https://example.com/hooks", "eventTypes": ["*"]}'

curl -X POST ${origin}/v1/tenants/${tenant.id}/events \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"type": "invoice.paid", "data": {"amount": 12}}'`}
          />
        </Card>
      )}
    </Page>,
  )
})

function atLeast({ items, nextCursor }: { items: readonly unknown[]; nextCursor: string | null }) {
  return nextCursor === null ? items.length : `more than ${items.length}`
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

function toSize(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1_000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}

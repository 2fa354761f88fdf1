// One tenant at a glance: what needs somebody first, then what happened.

import { Hono } from 'hono'
import { SummaryResponse } from '../../api/schema/status.ts'
import { ActivityResponse } from '../../api/schema/usage.ts'
import { WebhookResponse } from '../../api/schema/webhook.ts'
import { type ConsoleEnv, visitOf } from '../context.ts'
import { BarChart } from '../parts/chart.tsx'
import { Badge, Card, Empty, Heading, Tile, Time } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { inDollars, inWords, toHour } from '../parts/numbers.ts'
import { listShape, ShownEvent } from '../shapes.ts'
import { findTenant, orNothing } from '../tenant.ts'

const Webhooks = listShape(WebhookResponse)
const Events = listShape(ShownEvent)

/** Suspended webhooks that the overview names. */
const MOST_NAMED = 5

export const overviewPages = new Hono<ConsoleEnv>().get('/tenants/:tenant', async (c) => {
  const tenant = await findTenant(c)
  const base = `/tenants/${tenant.id}`
  const v1 = visitOf(c).v1
  const [suspended, activity, events, summary] = await Promise.all([
    orNothing(v1.get(`${base}/webhooks?status=suspended&limit=${MOST_NAMED}`, Webhooks)),
    orNothing(v1.get(`${base}/activity`, ActivityResponse)),
    orNothing(v1.get(`${base}/events?limit=8`, Events)),
    orNothing(v1.get('/summary', SummaryResponse)),
  ])
  const isEmpty = events?.items.length === 0
  const waits = activity !== null && activity.failing + activity.held > 0
  const first =
    isEmpty && !waits ? await orNothing(v1.get(`${base}/webhooks?limit=1`, Webhooks)) : null
  const { origin } = new URL(c.req.url)
  return c.html(
    <Page c={c} title={`Overview of ${tenant.name}`} tenant={tenant} tab="overview">
      <Heading>{tenant.name}</Heading>
      {tenant.noticeEmail && (
        <p class="quiet small long">
          Notices go to {tenant.noticeEmail}
          {tenant.noticeEmailConfirmed
            ? '.'
            : ' once who reads it has opened the link mailed there.'}
        </p>
      )}
      <dl class="tiles">
        {activity && (
          <>
            <Tile name="Published today" value={activity.today.events} />
            <Tile name="Delivered today" value={activity.today.delivered} />
            <Tile name="Failed today" value={activity.today.failed} />
            <Tile name="Failing webhooks" value={activity.failing} />
            <Tile name="Held webhooks" value={activity.held} />
            <Tile name="Oldest undelivered" value={ageOf(activity)} />
          </>
        )}
        <Tile name="Suspended webhooks" value={suspended === null ? '–' : atLeast(suspended)} />
        {activity && <Tile name="Cost today" value={inDollars(activity.today.dollars)} />}
      </dl>
      {summary && <Deployment summary={summary} />}
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
      {activity && activity.items.length > 0 && (
        <div class="columns even">
          <Card title="Deliveries" actions={<span class="quiet small">24 hours, in UTC</span>}>
            <div class="body">
              <BarChart
                says="Attempts by hour, delivered and failed"
                names={['delivered', 'failed']}
                bars={activity.items.map(({ hour, delivered, failed }) => {
                  return { name: toHour(hour), value: delivered, failed }
                })}
              />
              <p class="quiet small">What fails is told by its webhook once an hour.</p>
            </div>
          </Card>
          <Card title="Published" actions={<span class="quiet small">24 hours, in UTC</span>}>
            <div class="body">
              <BarChart
                says="Events published by hour"
                bars={activity.items.map(({ hour, events: count }) => {
                  return { name: toHour(hour), value: count }
                })}
              />
            </div>
          </Card>
        </div>
      )}
      <Card title="Latest events" actions={<a href={`${pathOf(tenant)}/events`}>All events</a>}>
        {events === null || isEmpty ? (
          <Empty says="No event was published yet." />
        ) : (
          <table class="stack">
            <tbody>
              {events.items.map(({ id, type, time }) => (
                <tr>
                  <td>
                    <a href={`${pathOf(tenant)}/events/${id}`}>{type}</a>
                  </td>
                  <td class="quiet">
                    <Time at={time} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
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

/** What may keep any tenant's events waiting, and what all of them come to. */
function Deployment({ summary }: { readonly summary: SummaryResponse }) {
  const { deadLetters, oldestUndeliveredMs, today } = summary
  return (
    <p class="quiet small">
      In the <a href="/console/tenants">whole deployment</a>: {deadLetters.toLocaleString('en')}{' '}
      dead letters; oldest undelivered message:{' '}
      {oldestUndeliveredMs === null ? 'none waits' : inWords(oldestUndeliveredMs)};{' '}
      {inDollars(today.dollars)} so far today.
    </p>
  )
}

/** How long an event has waited for webhooks that fail or are held; of several, those of one are known. */
function ageOf({ oldestUndeliveredAt: at, failing, held }: ActivityResponse) {
  const isOne = failing + held <= 1
  if (at === null) return isOne ? 'none waits' : '–'
  const age = inWords(Math.max(0, Date.now() - Date.parse(at)))
  return isOne ? age : `≥ ${age}`
}

function atLeast({ items, nextCursor }: { items: readonly unknown[]; nextCursor: string | null }) {
  return nextCursor === null ? items.length : `more than ${items.length}`
}

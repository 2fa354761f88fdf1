// What was published, and of one event how it stood to every webhook, and why.

import { Hono } from 'hono'
import { z } from 'zod'
import { Queued } from '../../api/schema/fields.ts'
import { memberText, rootOffset } from '../../primitives/json-text.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { Action, Badge, Card, Code, Empty, Heading, Note, Pager, Time } from '../parts/elements.tsx'
import { TextField } from '../parts/fields.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { readForm } from '../session.ts'
import { listShape, queryOf, ShownDelivery, ShownEvent } from '../shapes.ts'
import { findTenant } from '../tenant.ts'
import { Refusal } from '../v1.ts'

const Events = listShape(ShownEvent)
const Unmatched = z.object({ webhookId: z.string(), reasons: z.array(z.string()) })
const EventWithDeliveries = ShownEvent.extend({
  deliveries: z.array(ShownDelivery),
  unmatched: listShape(Unmatched).optional(),
})
type EventWithDeliveries = z.infer<typeof EventWithDeliveries>

/** Why an event was not for a webhook, as its owner reads it. */
const REASONS: Readonly<Record<string, string>> = {
  created_later: 'it did not exist yet',
  disabled: 'it was disabled',
  event_type: 'the type is not among its types',
  scope: 'an entry of its scope is not in the event’s',
  channel: 'the event has none of its channels',
  dialect: 'its format has no such events',
  version: 'there is no data for its version',
  unknown: 'how it was then is not known',
}

export const eventPages = new Hono<ConsoleEnv>()
  .get('/tenants/:tenant/events', async (c) => {
    const tenant = await findTenant(c)
    const query = queryOf(c, ['type', 'cursor'])
    const path = `${pathOf(tenant)}/events`
    const { items, nextCursor } = await visitOf(c).v1.get(
      `/tenants/${tenant.id}/events?${query}`,
      Events,
    )
    const { origin } = new URL(c.req.url)
    return c.html(
      <Page c={c} title="Events" tenant={tenant} tab="events">
        <Heading>Events</Heading>
        <section class="card">
          <form class="filters" method="get">
            <TextField
              name="type"
              label="Type"
              type="search"
              value={query.get('type') ?? ''}
              placeholder="invoice.paid"
            />
            <button type="submit">Filter</button>
          </form>
          {items.length === 0 && query.size > 0 && <Empty says="No event has this type." />}
          {items.length === 0 && query.size === 0 && (
            <Empty
              says="No event was published yet. Publish one:"
              command={`curl -X POST ${origin}/v1/tenants/${tenant.id}/events \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"type": "invoice.paid", "data": {"amount": 12}}'`}
            />
          )}
          {items.length > 0 && (
            <div class="scroll">
              <table class="stack">
                <thead>
                  <tr>
                    <th>Event</th>
                    <th>When</th>
                    <th>Scope</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ id, type, time, scope, expungedAt }) => (
                    <tr>
                      <td>
                        <a href={`${path}/${id}`}>{type}</a>
                        <div class="id">{id}</div>
                      </td>
                      <td>
                        <Time at={time} />
                      </td>
                      <td class="small">
                        {expungedAt === null ? entriesOf(scope) : <Badge status="erased" />}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <Pager path={path} query={query} next={nextCursor} />
        </section>
      </Page>,
    )
  })
  .get('/tenants/:tenant/events/:event', (c) => eventPage(c))
  .post('/tenants/:tenant/events/:event/resend', async (c) => {
    const tenant = await findTenant(c)
    const webhookId = (await readForm(c)).get('webhook')
    const id = encodeURIComponent(c.req.param('event'))
    const body = webhookId === null ? {} : { webhookId }
    await visitOf(c).v1.send('POST', `/tenants/${tenant.id}/events/${id}/resend`, body, Queued)
    return c.redirect(`${pathOf(tenant)}/events/${id}?done=resent`, 303)
  })

async function eventPage(c: ConsoleContext) {
  const tenant = await findTenant(c)
  const id = encodeURIComponent(c.req.param('event') ?? '')
  const text = await readEvent(c, `/tenants/${tenant.id}/events/${id}`)
  const event = EventWithDeliveries.parse(JSON.parse(text))
  const data = memberText(text, rootOffset(text), 'data')
  const path = `${pathOf(tenant)}/events/${event.id}`
  return c.html(
    <Page c={c} title={event.type} tenant={tenant} tab="events">
      <Heading
        back={{ href: `${pathOf(tenant)}/events`, text: 'Events' }}
        actions={
          event.expungedAt === null && (
            <Action c={c} to={`${path}/resend`} text="Resend to all that match now" />
          )
        }
      >
        {event.type}
      </Heading>
      {c.req.query('done') === 'resent' && <Note tone="good">The event is on its way again.</Note>}
      {event.expungedAt !== null && (
        <Note tone="warn">
          Its content was erased <Time at={event.expungedAt} />.
        </Note>
      )}
      <div class="columns">
        <div>
          <Card title="Deliveries">
            <Deliveries c={c} event={event} tenantPath={pathOf(tenant)} path={path} />
          </Card>
          {event.unmatched && event.unmatched.items.length > 0 && (
            <Card title="Webhooks that it was not for">
              <table class="stack">
                <tbody>
                  {event.unmatched.items.map(({ webhookId, reasons }) => (
                    <tr>
                      <td>
                        <a class="id" href={`${pathOf(tenant)}/webhooks/${webhookId}`}>
                          {webhookId}
                        </a>
                      </td>
                      <td class="small">
                        {reasons.map((reason) => REASONS[reason] ?? reason).join('; ')}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Card>
          )}
          {event.expungedAt === null && data !== null && (
            <Card title="Payload">
              <div class="body">
                <Code id="payload" text={inLines(data)} />
              </div>
            </Card>
          )}
        </div>
        <Card title="Event">
          <div class="body">
            <dl class="facts">
              <dt>When</dt>
              <dd>
                <Time at={event.time} />
              </dd>
              <dt>Scope</dt>
              <dd>{entriesOf(event.scope) || 'none'}</dd>
              <Fact name="Channels" value={event.channels.join(', ')} />
              <Fact name="Tags" value={event.tags.join(', ')} />
              <Fact name="Producer’s id" value={event.uid} />
              <Fact name="Actor" value={event.actor} />
              <Fact name="Request" value={event.requestId} />
              <dt>Id</dt>
              <dd class="id">{event.id}</dd>
            </dl>
          </div>
        </Card>
      </div>
    </Page>,
  )
}

/** With the webhooks that it was not for, where the caller may see webhooks. */
async function readEvent(c: ConsoleContext, path: string): Promise<string> {
  const v1 = visitOf(c).v1
  try {
    return await v1.text(`${path}?unmatched=true`)
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 403) return v1.text(path)
    throw error
  }
}

interface DeliveriesProps {
  readonly c: ConsoleContext
  readonly event: EventWithDeliveries
  readonly tenantPath: string
  readonly path: string
}

function Deliveries({ c, event, tenantPath, path }: DeliveriesProps) {
  if (event.deliveries.length === 0) {
    return (
      <Empty says="No webhook matched this event, or what became of it is not kept any more." />
    )
  }
  return (
    <div class="scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Webhook</th>
            <th>Status</th>
            <th>Last and next attempt</th>
            <th>
              <span class="quiet">Again</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {event.deliveries.map((delivery) => (
            <tr>
              <td class="long">
                <a href={`${tenantPath}/webhooks/${delivery.webhookId}`}>
                  {delivery.url ?? delivery.webhookId}
                </a>
              </td>
              <td>
                <Badge status={delivery.status} />
                <div class="small quiet">
                  {delivery.attempts} {delivery.attempts === 1 ? 'attempt' : 'attempts'}
                </div>
                {delivery.reason !== null && <div class="small">{delivery.reason}</div>}
              </td>
              <td>
                <Time at={delivery.lastAttemptAt} />
                {delivery.nextAttemptAt !== null && (
                  <div class="small quiet">
                    again <Time at={delivery.nextAttemptAt} />
                  </div>
                )}
              </td>
              <td>
                {event.expungedAt === null && (
                  <Action
                    c={c}
                    to={`${path}/resend`}
                    fields={{ webhook: delivery.webhookId }}
                    text="Resend"
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: string | null }) {
  if (value === null || value === '') return null
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}

function entriesOf(scope: Readonly<Record<string, string>>): string {
  return Object.entries(scope)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}

/** JSON in lines, where no number would change by that; else as it was written. */
function inLines(text: string): string {
  const parsed: unknown = JSON.parse(text)
  const isSame = JSON.stringify(parsed) === text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
  return isSame ? JSON.stringify(parsed, null, 2) : text
}

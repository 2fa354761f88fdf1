// One event: how it stood to every webhook, and why.

import { Hono } from 'hono'
import { z } from 'zod'
import { Queued } from '../../api/schema/fields.ts'
import { Refusal } from '../../http/v1.ts'
import { memberText, rootOffset } from '../../primitives/json-text.ts'
import { type ConsoleContext, type ConsoleEnv, may, visitOf } from '../context.ts'
import { Action, Badge, Card, Code, Empty, Heading, Note, Time } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { presentationOf } from '../presentation.ts'
import { readForm } from '../session.ts'
import { entriesOf, listShape, ShownDelivery, ShownEvent } from '../shapes.ts'
import { findTenant, tenantPlace } from '../tenant.ts'

const Unmatched = z.object({
  webhookId: z.string(),
  reasons: z.array(z.string()),
  detail: z.string().nullable(),
})
const EventWithDeliveries = ShownEvent.extend({
  deliveries: z.array(ShownDelivery),
  unmatched: listShape(Unmatched).optional(),
})
const Cancelled = ShownEvent.pick({ id: true })
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
  cancelled: 'the event was cancelled',
  unknown: 'how it was then is not known',
}

export const eventPages = new Hono<ConsoleEnv>()
  .get('/events/:event', (c) => eventPage(c))
  .post('/events/:event/resend', async (c) => {
    const tenant = await findTenant(c)
    const webhookId = (await readForm(c)).get('webhook')
    const id = encodeURIComponent(c.req.param('event'))
    const body = webhookId === null ? {} : { webhookId }
    await visitOf(c).v1.send('POST', `/tenants/${tenant.id}/events/${id}/resend`, body, Queued)
    return c.redirect(`${pathOf(tenant)}/events/${id}?done=resent`, 303)
  })

  .post('/events/:event/cancel', async (c) => {
    await readForm(c)
    const tenant = await findTenant(c)
    const id = encodeURIComponent(c.req.param('event'))
    await visitOf(c).v1.send('POST', `/tenants/${tenant.id}/events/${id}/cancel`, {}, Cancelled)
    return c.redirect(`${pathOf(tenant)}/events/${id}`, 303)
  })

async function eventPage(c: ConsoleContext) {
  const id = encodeURIComponent(c.req.param('event') ?? '')
  const [tenant, text] = await Promise.all([
    findTenant(c),
    readEvent(c, `${tenantPlace(c)}/events/${id}`),
  ])
  const event = EventWithDeliveries.parse(JSON.parse(text))
  const data = memberText(text, rootOffset(text), 'data')
  const path = `${pathOf(tenant)}/events/${event.id}`
  return c.html(
    <Page c={c} title={event.type} tenant={tenant} tab="events">
      <Heading
        back={{ href: `${pathOf(tenant)}/events`, text: 'Events' }}
        actions={may(c, 'events:write') && <EventActions c={c} event={event} path={path} />}
      >
        {event.type}
      </Heading>
      {c.req.query('done') === 'resent' && <Note tone="good">The event is on its way again.</Note>}
      <Schedule event={event} />
      {event.expungedAt !== null && (
        <Note tone="warn">
          Its content was erased <Time at={event.expungedAt} />.
        </Note>
      )}
      <div class="columns">
        <div>
          <Card title="Deliveries">
            <Deliveries c={c} event={event} tenantPath={pathOf(tenant)} />
          </Card>
          {event.unmatched && event.unmatched.items.length > 0 && (
            <Card title="Webhooks that it was not for">
              <table class="stack">
                <tbody>
                  {event.unmatched.items.map(({ webhookId, reasons, detail }) => (
                    <tr>
                      <td>
                        <a class="id" href={`${pathOf(tenant)}/webhooks/${webhookId}`}>
                          {webhookId}
                        </a>
                      </td>
                      <td class="small">
                        {reasons.map((reason) => REASONS[reason] ?? reason).join('; ')}
                        {detail !== null && <div class="quiet">{detail}</div>}
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
              {event.deliverAt !== null && (
                <>
                  <dt>Scheduled for</dt>
                  <dd>
                    <Time at={event.deliverAt} />
                  </dd>
                </>
              )}
              <dt>Scope</dt>
              <dd>{entriesOf(event.scope) || 'none'}</dd>
              <Fact name="Channels" value={event.channels.join(', ')} />
              <Fact name="Tags" value={event.tags.join(', ')} />
              {presentationOf(c).showsInternals && (
                <>
                  <Fact name="Producer’s id" value={event.uid} />
                  <Fact name="Actor" value={event.actor} />
                  <Fact name="Request" value={event.requestId} />
                </>
              )}
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

interface EventActionsProps {
  readonly c: ConsoleContext
  readonly event: EventWithDeliveries
  readonly path: string
}

/** What can be done with an event as it stands: what was cancelled, or erased, goes nowhere any more. */
function EventActions({ c, event: { state, expungedAt }, path }: EventActionsProps) {
  if (state === 'scheduled') return <Action c={c} to={`${path}/cancel`} text="Cancel the event" />
  if (state === 'cancelled' || expungedAt !== null) return null
  return <Action c={c} to={`${path}/resend`} text="Resend to all that match now" />
}

/** When an event goes out whose time has not come, or that it does no more. */
function Schedule({ event }: { readonly event: EventWithDeliveries }) {
  if (event.state === 'scheduled') {
    return (
      <Note tone="warn">
        It is scheduled: it is matched and sent <Time at={event.deliverAt} />.
      </Note>
    )
  }
  if (event.state !== 'cancelled') return null
  return (
    <Note tone="warn">
      It was cancelled <Time at={event.cancelledAt} />, before its time came, and is sent to nobody.
    </Note>
  )
}

interface DeliveriesProps {
  readonly c: ConsoleContext
  readonly event: EventWithDeliveries
  readonly tenantPath: string
}

function Deliveries({ c, event, tenantPath }: DeliveriesProps) {
  const { statuses, say } = presentationOf(c)
  if (event.deliveries.length === 0 && event.state === 'scheduled') {
    return <Empty says="Whom it is for shows when its time has come." />
  }
  if (event.deliveries.length === 0 && event.state === 'cancelled') {
    return <Empty says="None: it was cancelled." />
  }
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
                <Badge status={delivery.status} says={statuses[delivery.status]} />
                {delivery.status !== 'pullable' && (
                  <div class="small quiet">
                    {delivery.attempts} {delivery.attempts === 1 ? 'attempt' : 'attempts'}
                  </div>
                )}
                {delivery.reason !== null && <div class="small">{say(delivery.reason)}</div>}
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
                {event.expungedAt === null && delivery.status !== 'pullable' && (
                  <Resend c={c} event={event} delivery={delivery} tenantPath={tenantPath} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type ResendProps = DeliveriesProps & { readonly delivery: ShownDelivery }

/** Whatever state it is in for who may publish; for others only what was given up. */
function Resend({ c, event, delivery: { webhookId, status }, tenantPath }: ResendProps) {
  if (may(c, 'events:write')) {
    const to = `${tenantPath}/events/${event.id}/resend`
    return <Action c={c} to={to} fields={{ webhook: webhookId }} text="Resend" />
  }
  if (status !== 'diverted' || !may(c, 'diverted-events:resend')) return null
  const to = `${tenantPath}/webhooks/${webhookId}/diverted/resend`
  return <Action c={c} to={to} fields={{ event: event.id }} text="Resend" />
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

/** JSON in lines, where no number would change by that; else as it was written. */
function inLines(text: string): string {
  const parsed: unknown = JSON.parse(text)
  const isSame = JSON.stringify(parsed) === text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
  return isSame ? JSON.stringify(parsed, null, 2) : text
}

// What was published.

import { Hono } from 'hono'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { eventCommand } from '../parts/commands.ts'
import { Badge, Empty, Heading, Pager, Time } from '../parts/elements.tsx'
import { SelectField, TextField } from '../parts/fields.tsx'
import { Page, pathOf, type ShownTenant } from '../parts/layout.tsx'
import { presentationOf } from '../presentation.ts'
import { entriesOf, listShape, queryOf, ShownEvent } from '../shapes.ts'
import { findTenant, tenantPlace } from '../tenant.ts'

/** Which events the list has, and the words for it. */
const STATES = [
  ['', 'What was accepted'],
  ['scheduled', 'What is scheduled'],
] as const

const Events = listShape(ShownEvent)
export const eventListPages = new Hono<ConsoleEnv>().get('/events', async (c) => {
  const query = queryOf(c, ['type', 'state', 'cursor'])
  const isScheduled = query.get('state') === 'scheduled'
  const [tenant, { items, nextCursor }] = await Promise.all([
    findTenant(c),
    visitOf(c).v1.get(`${tenantPlace(c)}/events?${query}`, Events),
  ])
  const path = `${pathOf(tenant)}/events`
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
          {seesScheduled(c) && (
            <SelectField
              name="state"
              label="Show"
              value={query.get('state') ?? ''}
              options={STATES}
            />
          )}
          <button type="submit">Filter</button>
        </form>
        {items.length === 0 && query.size > 0 && (
          <Empty says={isScheduled ? 'No such event is scheduled.' : 'No event has this type.'} />
        )}
        {items.length === 0 && query.size === 0 && <NoEvents c={c} tenant={tenant} />}
        {items.length > 0 && (
          <div class="scroll">
            <table class="stack">
              <thead>
                <tr>
                  <th>Event</th>
                  <th>{isScheduled ? 'Scheduled for' : 'When'}</th>
                  <th>Scope</th>
                </tr>
              </thead>
              <tbody>
                {items.map(({ id, type, time, state, deliverAt, scope, expungedAt }) => (
                  <tr>
                    <td>
                      <a href={`${path}/${id}`}>{type}</a>
                      <div class="id">{id}</div>
                    </td>
                    <td>
                      <Time at={isScheduled ? deliverAt : time} />
                    </td>
                    <td class="small">
                      {state !== 'accepted' && <Badge status={state} />}{' '}
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

/** Of who acts for a user only what went to webhooks is shown. */
function seesScheduled(c: ConsoleContext): boolean {
  const { signedIn } = visitOf(c)
  return signedIn === 'administrator' || signedIn.subject === null
}

interface NoEventsProps {
  readonly c: ConsoleContext
  readonly tenant: ShownTenant
}

function NoEvents({ c, tenant }: NoEventsProps) {
  if (!presentationOf(c).showsInternals) return <Empty says="There was no event yet." />
  const command = eventCommand(c, tenant)
  const next = command === undefined ? '' : ' Publish one:'
  return <Empty says={`No event was published yet.${next}`} command={command} />
}

// What was published.

import { Hono } from 'hono'
import { publicOrigin } from '../../http/public-url.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { Badge, Empty, Heading, Pager, Time } from '../parts/elements.tsx'
import { TextField } from '../parts/fields.tsx'
import { Page, pathOf, type ShownTenant } from '../parts/layout.tsx'
import { presentationOf } from '../presentation.ts'
import { entriesOf, listShape, queryOf, ShownEvent } from '../shapes.ts'
import { findTenant, tenantPlace } from '../tenant.ts'

const Events = listShape(ShownEvent)
export const eventListPages = new Hono<ConsoleEnv>().get('/events', async (c) => {
  const query = queryOf(c, ['type', 'cursor'])
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
          <button type="submit">Filter</button>
        </form>
        {items.length === 0 && query.size > 0 && <Empty says="No event has this type." />}
        {items.length === 0 && query.size === 0 && <NoEvents c={c} tenant={tenant} />}
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

interface NoEventsProps {
  readonly c: ConsoleContext
  readonly tenant: ShownTenant
}

function NoEvents({ c, tenant }: NoEventsProps) {
  if (!presentationOf(c).showsInternals) return <Empty says="There was no event yet." />
  return (
    <Empty
      says="No event was published yet. Publish one:"
      command={`curl -X POST ${publicOrigin(c)}/v1/tenants/${tenant.id}/events \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"type": "invoice.paid", "data": {"amount": 12}}'`}
    />
  )
}

// All tenants: for an operator, and for the administrator.

import { Hono } from 'hono'
import { SummaryResponse } from '../../api/schema/status.ts'
import { TenantResponse } from '../../api/schema/tenant.ts'
import { type ConsoleContext, type ConsoleEnv, may, visitOf } from '../context.ts'
import { commandOf } from '../parts/commands.ts'
import { Empty, Heading, Pager, Tile, Time } from '../parts/elements.tsx'
import { TextField } from '../parts/fields.tsx'
import { mayAudit, Page, pathOf } from '../parts/layout.tsx'
import { inDollars, inWords } from '../parts/numbers.ts'
import { listShape, queryOf } from '../shapes.ts'
import { orNothing } from '../tenant.ts'
import { keysOf } from './keys.tsx'

const Tenants = listShape(TenantResponse)

export const allTenantPages = new Hono<ConsoleEnv>().get('/tenants', async (c) => {
  const query = queryOf(c, ['search', 'cursor'])
  const { v1, signedIn } = visitOf(c)
  const isAdministrator = signedIn === 'administrator'
  const mayKeys = may(c, 'keys:read')
  const [{ items, nextCursor }, summary] = await Promise.all([
    v1.get(`/tenants?${query}`, Tenants),
    orNothing(v1.get('/summary', SummaryResponse)),
  ])
  return c.html(
    <Page c={c} title="Tenants" tab="tenants">
      <Heading actions={<OfDeployment c={c} />}>Tenants</Heading>
      {summary && <Summary summary={summary} />}
      <section class="card">
        <form class="filters" method="get">
          <TextField
            name="search"
            label="Name, uid or id"
            type="search"
            value={query.get('search') ?? ''}
          />
          <button type="submit">Search</button>
        </form>
        {items.length === 0 ? (
          <NoTenants c={c} isSearch={query.has('search')} />
        ) : (
          <div class="scroll">
            <table class="stack">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>uid</th>
                  <th>Kept for</th>
                  <th>Created</th>
                </tr>
              </thead>
              <tbody>
                {items.map((tenant) => (
                  <tr>
                    <td class="long">
                      <a href={isAdministrator ? keysOf(tenant) : pathOf(tenant)}>{tenant.name}</a>
                      <div class="id">{tenant.id}</div>
                      {mayKeys && !isAdministrator && (
                        <a class="small" href={keysOf(tenant)}>
                          Keys
                        </a>
                      )}
                    </td>
                    <td data-name="uid">{tenant.uid ?? <span class="quiet">–</span>}</td>
                    <td data-name="Kept for" class="nowrap">
                      {tenant.retentionDays} days
                    </td>
                    <td data-name="Created">
                      <Time at={tenant.createdAt} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <Pager path="/console/tenants" query={query} next={nextCursor} />
      </section>
    </Page>,
  )
})

/** What there is beside tenants, for who may see it. */
function OfDeployment({ c }: { readonly c: ConsoleContext }) {
  return (
    <>
      {visitOf(c).signedIn === 'administrator' && (
        <>
          <a href="/console/operator-keys">Operator keys</a>
          <a href="/console/jobs">Jobs</a>
        </>
      )}
      {mayAudit(c) && <a href="/console/audit">Audit</a>}
    </>
  )
}

function Summary({ summary }: { readonly summary: SummaryResponse }) {
  const { tenants, webhooks, deadLetters, oldestUndeliveredMs, today } = summary
  return (
    <>
      <dl class="tiles">
        <Tile name="Tenants" value={tenants} />
        <Tile name="Active webhooks" value={webhooks.active} />
        <Tile name="Suspended webhooks" value={webhooks.suspended} />
        <Tile name="Dead letters" value={deadLetters} />
        <Tile
          name="Oldest undelivered"
          value={oldestUndeliveredMs === null ? 'nothing waits' : inWords(oldestUndeliveredMs)}
        />
        <Tile name="Published today*" value={today.events} />
        <Tile name="Failed today*" value={today.failed} />
        <Tile name="Cost today*" value={inDollars(today.dollars)} />
      </dl>
      <p class="quiet small">
        * As far as it was told: within an hour of a busy tenant, within a day of the others.
      </p>
    </>
  )
}

function NoTenants({ c, isSearch }: { readonly c: ConsoleContext; readonly isSearch: boolean }) {
  if (isSearch) return <Empty says="No tenant has such a name, uid or id." />
  return (
    <Empty
      says="There is no tenant yet. A tenant is one of your customers; make the first one:"
      command={commandOf(c, 'POST', '/tenants', '{"name": "Acme", "uid": "acme"}')}
    />
  )
}

// All tenants: for an operator, and for the administrator.

import { Hono } from 'hono'
import { KeyResponse, OperatorKeyResponse } from '../../api/schema/key.ts'
import { SummaryResponse } from '../../api/schema/status.ts'
import { TenantResponse } from '../../api/schema/tenant.ts'
import { publicOrigin } from '../../http/public-url.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { Empty, Heading, Pager, Tile, Time } from '../parts/elements.tsx'
import { TextField } from '../parts/fields.tsx'
import { mayAudit, Page, pathOf } from '../parts/layout.tsx'
import { inDollars, inWords } from '../parts/numbers.ts'
import { listShape, queryOf } from '../shapes.ts'
import { orNothing } from '../tenant.ts'

const Tenants = listShape(TenantResponse)

export const allTenantPages = new Hono<ConsoleEnv>().get('/tenants', async (c) => {
  const query = queryOf(c, ['search', 'cursor'])
  const { v1 } = visitOf(c)
  const [{ items, nextCursor }, summary] = await Promise.all([
    v1.get(`/tenants?${query}`, Tenants),
    orNothing(v1.get('/summary', SummaryResponse)),
  ])
  return c.html(
    <Page c={c} title="Tenants" tab="tenants">
      <Heading actions={mayAudit(c) && <a href="/console/audit">Audit</a>}>Tenants</Heading>
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
                      <a href={pathOf(tenant)}>{tenant.name}</a>
                      <div class="id">{tenant.id}</div>
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
      command={`curl -X POST ${publicOrigin(c)}/v1/tenants \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"name": "Acme", "uid": "acme"}'`}
    />
  )
}

const Keys = listShape(KeyResponse)
const OperatorKeys = listShape(OperatorKeyResponse)

/** What the administrator sees of a tenant: its keys, and nothing of its webhooks. */
export const keyPages = new Hono<ConsoleEnv>()
  .get('/operator-keys', async (c) => {
    const query = queryOf(c, ['cursor'])
    const { items, nextCursor } = await visitOf(c).v1.get(`/operator-keys?${query}`, OperatorKeys)
    return c.html(
      <Page c={c} title="Operator keys" tab="tenants">
        <Heading back={{ href: '/console/tenants', text: 'Tenants' }}>Operator keys</Heading>
        <section class="card">
          {items.length === 0 ? (
            <Empty says="There is no operator key." />
          ) : (
            <KeyTable keys={items} />
          )}
          <Pager path="/console/operator-keys" query={query} next={nextCursor} />
        </section>
      </Page>,
    )
  })
  .get('/tenants/:tenant/keys', async (c) => {
    const id = c.req.param('tenant')
    const query = queryOf(c, ['cursor'])
    const v1 = visitOf(c).v1
    const [tenant, keys] = await Promise.all([
      v1.get(`/tenants/${encodeURIComponent(id)}`, TenantResponse),
      v1.get(`/tenants/${encodeURIComponent(id)}/keys?${query}`, Keys),
    ])
    return c.html(
      <Page c={c} title={`Keys of ${tenant.name}`} tab="tenants">
        <Heading back={{ href: '/console/tenants', text: 'Tenants' }}>
          Keys of {tenant.name}
        </Heading>
        <section class="card">
          {keys.items.length === 0 ? (
            <Empty says="This tenant has no key." />
          ) : (
            <KeyTable keys={keys.items} />
          )}
          <Pager path={`${pathOf(tenant)}/keys`} query={query} next={keys.nextCursor} />
        </section>
      </Page>,
    )
  })

interface ShownKey {
  readonly id: string
  readonly name: string | null
  readonly subject?: string | null
  readonly permissions: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
}

function KeyTable({ keys }: { readonly keys: readonly ShownKey[] }) {
  return (
    <div class="scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Key</th>
            <th>May</th>
            <th>Created</th>
            <th>Expires</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ id, name, subject = null, permissions, createdAt, expiresAt }) => (
            <tr>
              <td>
                {name ?? <span class="quiet">without a name</span>}
                <div class="id">{id}</div>
                {subject !== null && <div class="small">acts for {subject}</div>}
              </td>
              <td data-name="May" class="small">
                {permissions.join(', ')}
              </td>
              <td data-name="Created">
                <Time at={createdAt} />
              </td>
              <td data-name="Expires">
                <Time at={expiresAt} none="never" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

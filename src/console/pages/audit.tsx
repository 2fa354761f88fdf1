// Who changed what: of one tenant, and of all.

import { Hono } from 'hono'
import { AuditEntryResponse } from '../../api/schema/audit.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { AuditSentence, ChangedValues } from '../parts/audit-sentence.tsx'
import { Empty, Heading, Pager, Time } from '../parts/elements.tsx'
import { SelectField, TextField } from '../parts/fields.tsx'
import { Page, pathOf, type ShownTenant } from '../parts/layout.tsx'
import { listShape, queryOf } from '../shapes.ts'
import { findTenant } from '../tenant.ts'

const Entries = listShape(AuditEntryResponse)

const FILTERS = ['action', 'actor', 'target', 'after', 'before', 'cursor'] as const

const KINDS = [
  ['', 'Everything'],
  ['webhook', 'Webhooks'],
  ['event', 'Events'],
  ['job', 'Jobs'],
  ['key', 'Keys'],
  ['portal_link', 'Portal links'],
  ['tenant', 'Tenants'],
  ['operator_key', 'Operator keys'],
  ['event_type', 'Event types'],
] as const

export const auditPages = new Hono<ConsoleEnv>().get('/audit', async (c) => {
  const tenant = await findTenant(c)
  return c.html(await auditPage(c, tenant))
})

export const deploymentAuditPages = new Hono<ConsoleEnv>().get('/audit', async (c) =>
  c.html(await auditPage(c, null)),
)

async function auditPage(c: ConsoleContext, tenant: ShownTenant | null) {
  const query = queryOf(c, FILTERS)
  const path = tenant === null ? '/console/audit' : `${pathOf(tenant)}/audit`
  const asked = new URLSearchParams(query)
  for (const name of ['after', 'before']) {
    const time = asked.get(name)
    if (time !== null) asked.set(name, toTimestamp(time))
  }
  const below = tenant === null ? '' : `/tenants/${tenant.id}`
  const { items, nextCursor } = await visitOf(c).v1.get(`${below}/audit?${asked}`, Entries)
  const title = tenant === null ? 'Audit of the deployment' : `Audit of ${tenant.name}`
  return (
    <Page c={c} title={title} {...(tenant !== null && { tenant })} tab="audit">
      {tenant === null ? (
        <Heading back={{ href: '/console/tenants', text: 'Tenants' }}>Audit</Heading>
      ) : (
        <Heading>Audit</Heading>
      )}
      <section class="card">
        <Filters query={query} />
        {items.length === 0 ? (
          <Empty says="Nothing was changed. What somebody changes by the API or on these pages, and what Hookline suspends, is listed here for 90 days." />
        ) : (
          <div class="scroll">
            <table class="stack">
              <thead>
                <tr>
                  <th>What happened</th>
                  <th>By</th>
                  <th>At</th>
                </tr>
              </thead>
              <tbody>
                {items.map((entry) => (
                  <Row entry={entry} namesTenant={tenant === null} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        <Pager path={path} query={query} next={nextCursor} />
      </section>
    </Page>
  )
}

/** A field for times has no zone: it is UTC's. */
function toTimestamp(time: string): string {
  if (/T\d\d:\d\d$/.test(time)) return `${time}:00Z`
  return /T\d\d:\d\d:\d\d$/.test(time) ? `${time}Z` : time
}

function Filters({ query }: { readonly query: URLSearchParams }) {
  const value = (name: string) => query.get(name) ?? ''
  return (
    <form class="filters" method="get">
      <SelectField name="action" label="About" options={KINDS} value={value('action')} />
      <TextField name="actor" label="Key or user" value={value('actor')} />
      <TextField name="target" label="Id of what was changed" value={value('target')} />
      <TextField name="after" label="After (UTC)" type="datetime-local" value={value('after')} />
      <TextField name="before" label="Before (UTC)" type="datetime-local" value={value('before')} />
      <button type="submit">Filter</button>
    </form>
  )
}

interface RowProps {
  readonly entry: AuditEntryResponse
  readonly namesTenant: boolean
}

function Row({ entry, namesTenant }: RowProps) {
  const { at, actor, via, surface, tenantId, changes } = entry
  return (
    <tr>
      <td class="long">
        <AuditSentence entry={entry} pageOf={pageOf} />
        <ChangedValues changes={changes} />
        {namesTenant && tenantId !== null && (
          <div class="small">
            in <a href={`${pathOf({ id: tenantId })}/audit`}>the tenant {tenantId}</a>
          </div>
        )}
      </td>
      <td data-name="By">
        {via === 'api' ? `API (${surface})` : via}
        {actor.id !== null && <div class="id">{actor.id}</div>}
      </td>
      <td data-name="At">
        <Time at={at} />
      </td>
    </tr>
  )
}

/** Webhooks and events have a page while they are there. */
function pageOf({ tenantId, action, target: { kind, id } }: AuditEntryResponse): string | null {
  if (tenantId === null || action.endsWith('.deleted')) return null
  if (kind === 'webhook') return `${pathOf({ id: tenantId })}/webhooks/${id}`
  return kind === 'event' ? `${pathOf({ id: tenantId })}/events/${id}` : null
}

// Keys: of the deployment, and of one tenant. They are listed, made and revoked.

import { Hono } from 'hono'
import type { Child } from 'hono/jsx'
import {
  CreatedKeyResponse,
  CreatedOperatorKeyResponse,
  KeyResponse,
  OperatorKeyResponse,
} from '../../api/schema/key.ts'
import { TenantResponse } from '../../api/schema/tenant.ts'
import {
  OPERATOR_PERMISSIONS_UNLESS_TOLD,
  type Permission,
  permissionsUnlessTold,
} from '../../engine/model/index.ts'
import { noBody } from '../../http/v1.ts'
import { type ConsoleContext, type ConsoleEnv, may, visitOf } from '../context.ts'
import { AskFirst, Code, Empty, Heading, Note, Pager, Time } from '../parts/elements.tsx'
import { CheckField, TextField } from '../parts/fields.tsx'
import { FormToken, Page, pathOf, type ShownTenant } from '../parts/layout.tsx'
import { readForm } from '../session.ts'
import { listShape, queryOf } from '../shapes.ts'

const Keys = listShape(KeyResponse)
const OperatorKeys = listShape(OperatorKeyResponse)

const OPERATOR_KEYS = '/console/operator-keys'

/** Where the keys of a tenant are. */
export function keysOf(tenant: Pick<ShownTenant, 'id' | 'path'>): string {
  return `${pathOf(tenant)}/keys`
}

export const keyPages = new Hono<ConsoleEnv>()
  .get('/operator-keys', async (c) => {
    const query = queryOf(c, ['cursor'])
    const list = await visitOf(c).v1.get(`/operator-keys?${query}`, OperatorKeys)
    const of = { title: 'Operator keys', path: OPERATOR_KEYS, none: 'There is no operator key.' }
    return c.html(<KeyList c={c} {...of} list={list} query={query} mayWrite />)
  })
  .post('/operator-keys', async (c) => {
    const input = toKeyInput(c, await readForm(c), OPERATOR_PERMISSIONS_UNLESS_TOLD)
    const made = await visitOf(c).v1.send(
      'POST',
      '/operator-keys',
      input,
      CreatedOperatorKeyResponse,
    )
    return c.html(<Made c={c} token={made.token} back={OPERATOR_KEYS} />, 201)
  })
  .post('/operator-keys/:key/revoke', async (c) => {
    await readForm(c)
    const path = `/operator-keys/${encodeURIComponent(c.req.param('key'))}`
    await visitOf(c).v1.send('DELETE', path, undefined, noBody)
    return c.redirect(OPERATOR_KEYS, 303)
  })
  .get('/tenants/:tenant/keys', async (c) => {
    const { v1 } = visitOf(c)
    const query = queryOf(c, ['cursor'])
    const tenant = await v1.get(apiOf(c), TenantResponse)
    const list = await v1.get(`${apiOf(c)}/keys?${query}`, Keys)
    const mayWrite = mayGrant(c, 'keys:write')
    const path = keysOf(tenant)
    const of = { title: `Keys of ${tenant.name}`, path, none: 'This tenant has no key.' }
    return c.html(<KeyList c={c} {...of} list={list} query={query} mayWrite={mayWrite} />)
  })
  .post('/tenants/:tenant/keys', async (c) => {
    const input = toKeyInput(c, await readForm(c), permissionsUnlessTold(null))
    const { v1 } = visitOf(c)
    const made = await v1.send('POST', `${apiOf(c)}/keys`, input, CreatedKeyResponse)
    return c.html(<Made c={c} token={made.token} back={keysOf({ id: made.tenantId })} />, 201)
  })
  .post('/tenants/:tenant/keys/:key/revoke', async (c) => {
    await readForm(c)
    const path = `${apiOf(c)}/keys/${encodeURIComponent(c.req.param('key'))}`
    await visitOf(c).v1.send('DELETE', path, undefined, noBody)
    return c.redirect(keysOf({ id: encodeURIComponent(c.req.param('tenant')) }), 303)
  })

/** The tenant of the path, as the API names it. */
function apiOf(c: ConsoleContext): string {
  return `/tenants/${encodeURIComponent(c.req.param('tenant') ?? '')}`
}

/** The administrator grants everything, everybody else what he has. */
function mayGrant(c: ConsoleContext, permission: Permission): boolean {
  return visitOf(c).signedIn === 'administrator' || may(c, permission)
}

/** What a key has only where that was asked for. */
const TICKED = [
  { permission: 'mcp:write', field: 'mcp-write', label: 'Agents may write with it' },
  {
    permission: 'ucp-agent:write',
    field: 'ucp-agent-write',
    label: 'Webhooks may name a business for UCP with it',
  },
] as const

/** `unlessTold`: what the key would have for which no permissions are named. */
function toKeyInput(c: ConsoleContext, form: URLSearchParams, unlessTold: readonly Permission[]) {
  const name = form.get('name')?.trim()
  const granted = unlessTold.filter((permission) => mayGrant(c, permission))
  const named = TICKED.filter(({ field }) => form.has(field)).map(({ permission }) => permission)
  return {
    ...(name && { name }),
    ...(named.length > 0 && { permissions: [...granted, ...named] }),
  }
}

interface KeyListProps {
  readonly c: ConsoleContext
  readonly title: string
  readonly path: string
  /** What is said where there is no key. */
  readonly none: string
  readonly list: { readonly items: readonly ShownKey[]; readonly nextCursor: string | null }
  readonly query: URLSearchParams
  readonly mayWrite: boolean
}

function KeyList({ c, title, path, none, list, query, mayWrite }: KeyListProps) {
  const { items, nextCursor } = list
  return (
    <Page c={c} title={title} tab="tenants">
      <Heading back={{ href: '/console/tenants', text: 'Tenants' }}>{title}</Heading>
      <section class="card">
        {mayWrite && (
          <form class="filters" method="post" action={path}>
            <FormToken c={c} />
            <TextField name="name" label="Name of a new key" />
            {TICKED.filter(({ permission }) => mayGrant(c, permission)).map(
              ({ permission, field, label }) => (
                <CheckField name={field} label={`${label} (${permission})`} checked={false} />
              ),
            )}
            <button type="submit">Make a key</button>
          </form>
        )}
        {items.length === 0 ? (
          <Empty says={none} />
        ) : (
          <KeyTable c={c} keys={items} path={path} mayWrite={mayWrite} />
        )}
        <Pager path={path} query={query} next={nextCursor} />
      </section>
    </Page>
  )
}

interface MadeProps {
  readonly c: ConsoleContext
  readonly token: string
  readonly back: string
}

function Made({ c, token, back }: MadeProps): Child {
  return (
    <Page c={c} title="The key was made" tab="tenants">
      <Heading back={{ href: back, text: 'Keys' }}>The key was made</Heading>
      <section class="card">
        <div class="body">
          <h2>Its token</h2>
          <p>
            It is shown this once. It may all that you may grant, but what has a box only if you
            ticked it; over the API you can give it less.
          </p>
          <Code id="token" text={token} />
        </div>
      </section>
      <Note tone="good">Send it as Authorization: Bearer, or sign in with it.</Note>
    </Page>
  )
}

interface ShownKey {
  readonly id: string
  readonly name: string | null
  readonly subject?: string | null
  readonly permissions: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
}

interface KeyTableProps {
  readonly c: ConsoleContext
  readonly keys: readonly ShownKey[]
  readonly path: string
  readonly mayWrite: boolean
}

function KeyTable({ c, keys, path, mayWrite }: KeyTableProps) {
  return (
    <div class="scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Key</th>
            <th>May</th>
            <th>Created</th>
            <th>Expires</th>
            {mayWrite && (
              <th>
                <span class="quiet">Revoke</span>
              </th>
            )}
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
              {mayWrite && (
                <td>
                  <AskFirst
                    c={c}
                    to={`${path}/${id}/revoke`}
                    text="Revoke"
                    tone="danger"
                    question="It stops working everywhere within 5 seconds, for good."
                  />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

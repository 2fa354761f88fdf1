// The webhooks of a tenant: all of them, and making one.

import { Hono } from 'hono'
import { CreatedWebhookResponse, WebhookResponse } from '../../api/schema/webhook.ts'
import { type Problem, Refusal } from '../../http/v1.ts'
import { type ConsoleContext, type ConsoleEnv, may, visitOf } from '../context.ts'
import { webhookCommand } from '../parts/commands.ts'
import { Code, Empty, Heading, Note, Pager, Time, WebhookBadges } from '../parts/elements.tsx'
import { SelectField, TextField } from '../parts/fields.tsx'
import { Page, pathOf, type ShownTenant } from '../parts/layout.tsx'
import {
  EMPTY_FIELDS,
  fieldsOf,
  toWebhookInput,
  type WebhookFields,
} from '../parts/webhook-fields.ts'
import {
  findPresets,
  tryExpressions,
  WebhookForm,
  type WebhookFormProps,
  withPreset,
} from '../parts/webhook-form.tsx'
import { presentationOf } from '../presentation.ts'
import { readForm } from '../session.ts'
import { listShape, queryOf, titleOf } from '../shapes.ts'
import { findTenant } from '../tenant.ts'

const Webhooks = listShape(WebhookResponse)

const STATUSES = [
  ['', 'any'],
  ['active', 'active'],
  ['suspended', 'suspended'],
  ['disabled', 'disabled'],
] as const

export const webhookListPages = new Hono<ConsoleEnv>()
  .get('/webhooks', async (c) => {
    const tenant = await findTenant(c)
    const query = queryOf(c, ['search', 'eventType', 'status', 'dialect', 'cursor'])
    const path = `${pathOf(tenant)}/webhooks`
    const { items, nextCursor } = await visitOf(c).v1.get(
      `/tenants/${tenant.id}/webhooks?${query}`,
      Webhooks,
    )
    return c.html(
      <Page c={c} title="Webhooks" tenant={tenant} tab="webhooks">
        <Heading
          actions={
            may(c, 'webhooks:write') && (
              <a class="button main" href={`${path}/new`}>
                New webhook
              </a>
            )
          }
        >
          Webhooks
        </Heading>
        <section class="card">
          <form class="filters" method="get">
            <TextField
              name="search"
              label="Name, URL or id"
              value={query.get('search') ?? ''}
              type="search"
            />
            <TextField name="eventType" label="Event type" value={query.get('eventType') ?? ''} />
            <SelectField
              name="status"
              label="Status"
              options={STATUSES}
              value={query.get('status') ?? ''}
            />
            <button type="submit">Filter</button>
          </form>
          {items.length === 0 ? (
            <NoWebhooks c={c} tenant={tenant} isFiltered={query.size > 0} />
          ) : (
            <WebhookTable c={c} webhooks={items} path={path} />
          )}
          <Pager path={path} query={query} next={nextCursor} />
        </section>
      </Page>,
    )
  })
  .get('/webhooks/new', async (c) => {
    const tenant = await findTenant(c)
    const presets = await findPresets(c, tenant.id)
    return c.html(<NewWebhook {...{ c, tenant, presets }} fields={EMPTY_FIELDS} problem={null} />)
  })
  .post('/webhooks', async (c) => {
    const tenant = await findTenant(c)
    const form = await readForm(c)
    const presets = await findPresets(c, tenant.id)
    const given = withPreset(fieldsOf(form), presets, form.get('preset'))
    // What only whoever runs the deployment is offered.
    const fields = { ...given, pull: given.pull && presentationOf(c).showsInternals }
    const page = { c, tenant, presets, fields }
    try {
      if (form.has('preset')) return c.html(<NewWebhook {...page} problem={null} />)
      if (form.has('preview')) {
        const tried = await tryExpressions(c, tenant.id, fields)
        return c.html(<NewWebhook {...page} tried={tried} problem={null} />)
      }
      const input = toWebhookInput(fields)
      const made = await visitOf(c).v1.send(
        'POST',
        `/tenants/${tenant.id}/webhooks`,
        input,
        CreatedWebhookResponse,
      )
      return c.html(<Made c={c} tenant={tenant} id={made.id} secret={made.secret} />, 201)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { problem } = error
      if (problem.status < 400 || problem.status === 403 || problem.status >= 500) throw error
      return c.html(<NewWebhook {...page} problem={problem} />, 400)
    }
  })

function WebhookTable({
  c,
  webhooks,
  path,
}: {
  readonly c: ConsoleContext
  readonly webhooks: readonly WebhookResponse[]
  readonly path: string
}) {
  const { showsInternals } = presentationOf(c)
  return (
    <div class="scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Webhook</th>
            <th>Status</th>
            <th>Events</th>
            {showsInternals && <th>Format</th>}
            <th>Changed</th>
          </tr>
        </thead>
        <tbody>
          {webhooks.map((webhook) => (
            <tr>
              <td class="long">
                <a href={`${path}/${webhook.id}`}>{titleOf(webhook)}</a>
                {webhook.name !== null && <div class="small quiet">{webhook.url ?? 'pull'}</div>}
              </td>
              <td>
                <WebhookBadges webhook={webhook} />
              </td>
              <td class="small">{shortList(webhook.eventTypes)}</td>
              {showsInternals && <td data-name="Format">{webhook.dialect}</td>}
              <td data-name="Changed">
                <Time at={webhook.updatedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function shortList(types: readonly string[]): string {
  const shown = types.slice(0, 4).join(', ')
  return types.length > 4 ? `${shown} and ${types.length - 4} more` : shown
}

interface NoWebhooksProps {
  readonly c: ConsoleContext
  readonly tenant: ShownTenant
  readonly isFiltered: boolean
}

function NoWebhooks({ c, tenant, isFiltered }: NoWebhooksProps) {
  if (isFiltered) return <Empty says="No webhook is like this." />
  const says = 'There is no webhook yet. A webhook says which events go to which URL.'
  // A customer has no token.
  const command = presentationOf(c).showsInternals ? webhookCommand(c, tenant) : undefined
  return (
    <Empty
      says={`${says}${command === undefined ? '' : ' Make one above, or:'}`}
      command={command}
    />
  )
}

interface NewProps {
  readonly c: ConsoleContext
  readonly tenant: ShownTenant
  readonly fields: WebhookFields
  readonly presets: WebhookFormProps['presets']
  readonly problem: Problem | null
  readonly tried?: WebhookFormProps['tried']
}

function NewWebhook({ c, tenant, fields, presets, problem, tried }: NewProps) {
  const path = `${pathOf(tenant)}/webhooks`
  return (
    <Page c={c} title="New webhook" tenant={tenant} tab="webhooks">
      <Heading back={{ href: path, text: 'Webhooks' }}>New webhook</Heading>
      <section class="card">
        <div class="body">
          <WebhookForm
            {...{ c, fields, presets, problem, tried: tried ?? null }}
            to={path}
            button="Create"
            isNew
          />
        </div>
      </section>
    </Page>
  )
}

interface MadeProps {
  readonly c: ConsoleContext
  readonly tenant: ShownTenant
  readonly id: string
  readonly secret: string | null
}

function Made({ c, tenant, id, secret }: MadeProps) {
  const path = `${pathOf(tenant)}/webhooks/${id}`
  return (
    <Page c={c} title="The webhook was created" tenant={tenant} tab="webhooks">
      <Heading>The webhook was created</Heading>
      {secret !== null && (
        <section class="card">
          <div class="body">
            <h2>Its secret</h2>
            <p>
              The receiver verifies signatures with it.{' '}
              {may(c, 'webhook-secrets:read')
                ? 'It can be shown again on the page of the webhook.'
                : 'It is shown this once: give it to the receiver before you leave the page.'}
            </p>
            <Code id="secret" text={secret} />
          </div>
        </section>
      )}
      <Note tone="good">
        <a href={path}>Go to the webhook</a>
      </Note>
    </Page>
  )
}

// One webhook: how it fares and why, what was sent to it, and what can be done about it.

import { Hono } from 'hono'
import type { z } from 'zod'
import { AttemptResponse } from '../../api/schema/attempt.ts'
import { WebhookResponse } from '../../api/schema/webhook.ts'
import { type ConsoleContext, type ConsoleEnv, may, visitOf } from '../context.ts'
import { AttemptTable, UndeliveredCard } from '../parts/attempts.tsx'
import { Card, Empty, Heading, Note, Pager, WebhookBadges } from '../parts/elements.tsx'
import { SelectField } from '../parts/fields.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { PullStanding } from '../parts/pull-standing.tsx'
import { WebhookActions, WebhookLinks } from '../parts/webhook-actions.tsx'
import { WebhookFacts } from '../parts/webhook-facts.tsx'
import { readStanding, WebhookStanding } from '../parts/webhook-standing.tsx'
import { listShape, queryOf, ShownDiverted, titleOf } from '../shapes.ts'
import { findTenant, orNothing } from '../tenant.ts'

const Attempts = listShape(AttemptResponse)
const Diverted = listShape(ShownDiverted)

/** Who has one of these has something to do with a webhook. */
const ACTING = ['webhooks:write', 'webhook-secrets:read', 'webhook-secrets:write'] as const

const OUTCOMES = [
  ['', 'any'],
  ['failed', 'failed'],
  ['delivered', 'delivered'],
] as const

/** What was done, by the name that is in the address afterwards. */
const DONE: ReadonlyMap<string, string> = new Map([
  ['saved', 'The webhook was saved.'],
  ['resumed', 'The webhook was resumed: new events are sent to it again.'],
  ['enabled', 'The webhook was enabled.'],
  ['disabled', 'The webhook was disabled.'],
  ['paused', 'The webhook was paused: its events wait.'],
  ['unpaused', 'The webhook was resumed: what waited is on its way.'],
  ['asked', 'The receiver was asked. What it said is below.'],
  ['skipped', 'What waited behind the event is on its way.'],
  ['cancelled', 'What was pending was cancelled.'],
  ['cancelled-some', 'Much of what was pending was cancelled. Cancel again for the rest.'],
  ['resent', 'The events are on their way.'],
  ['forgotten', 'The consumer was deleted.'],
])

async function webhookPage(c: ConsoleContext) {
  const tenant = await findTenant(c)
  const id = c.req.param('webhook') ?? ''
  const base = `/tenants/${tenant.id}/webhooks/${encodeURIComponent(id)}`
  const query = queryOf(c, ['outcome', 'cursor'])
  const v1 = visitOf(c).v1
  const [webhook, standing, attempts, diverted] = await Promise.all([
    v1.get(base, WebhookResponse),
    readStanding(v1, base),
    v1.get(`${base}/attempts?limit=25&${query}`, Attempts),
    orNothing(v1.get(`${base}/diverted?limit=10`, Diverted)),
  ])
  const path = `${pathOf(tenant)}/webhooks/${webhook.id}`
  const { pull } = standing.health
  const done = DONE.get(c.req.query('done') ?? '')
  return c.html(
    <Page c={c} title={titleOf(webhook)} tenant={tenant} tab="webhooks">
      <Heading
        back={{ href: `${pathOf(tenant)}/webhooks`, text: 'Webhooks' }}
        actions={<WebhookLinks c={c} webhook={webhook} path={path} />}
      >
        {titleOf(webhook)} <WebhookBadges webhook={webhook} />
      </Heading>
      {done !== undefined && <Note tone="good">{done}</Note>}
      {pull === null && (
        <WebhookStanding c={c} webhook={webhook} tenantPath={pathOf(tenant)} {...standing} />
      )}
      <div class="columns">
        <div>
          {pull === null ? (
            <Sent {...{ c, path, query, attempts, diverted }} tenantPath={pathOf(tenant)} />
          ) : (
            <PullStanding c={c} tenant={tenant} webhookId={webhook.id} path={path} pull={pull} />
          )}
        </div>
        <div>
          <Card title="Configuration">
            <div class="body">
              <WebhookFacts c={c} webhook={webhook} />
            </div>
          </Card>
          {ACTING.some((permission) => may(c, permission)) && (
            <Card title="Actions">
              <div class="body">
                <WebhookActions c={c} webhook={webhook} path={path} />
              </div>
            </Card>
          )}
        </div>
      </div>
    </Page>,
  )
}

interface SentProps {
  readonly c: ConsoleContext
  readonly path: string
  readonly tenantPath: string
  readonly query: URLSearchParams
  readonly attempts: z.infer<typeof Attempts>
  readonly diverted: z.infer<typeof Diverted> | null
}

/** What was sent, and what could not be. */
function Sent({ c, path, tenantPath, query, attempts, diverted }: SentProps) {
  return (
    <>
      <section class="card">
        <header>
          <h2>Attempts</h2>
        </header>
        <form class="filters" method="get">
          <SelectField
            name="outcome"
            label="Outcome"
            options={OUTCOMES}
            value={query.get('outcome') ?? ''}
          />
          <button type="submit">Filter</button>
        </form>
        {attempts.items.length === 0 ? (
          <Empty says="Nothing was sent here yet, or nothing of it is kept any more. Send a test event." />
        ) : (
          <AttemptTable c={c} attempts={attempts.items} path={path} tenantPath={tenantPath} />
        )}
        <Pager path={path} query={query} next={attempts.nextCursor} />
      </section>
      {diverted !== null && (
        <UndeliveredCard c={c} diverted={diverted.items} path={path} tenantPath={tenantPath} />
      )}
    </>
  )
}

export const webhookPages = new Hono<ConsoleEnv>().get('/webhooks/:webhook', webhookPage)

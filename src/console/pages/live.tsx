// Attempts as they happen. The script shows them; without it the page says where else they are.

import { Hono } from 'hono'
import { type ConsoleEnv, visitOf } from '../context.ts'
import { Heading } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { findTenant } from '../tenant.ts'

/** Seconds of one stream: within them it ends with its session, and the next one is begun by whoever is still signed in. */
const STREAM_SECONDS = 60

export const livePages = new Hono<ConsoleEnv>()
  .get('/live', async (c) => {
    const tenant = await findTenant(c)
    // Who may not watch is refused here, and not by a page that stays empty.
    await visitOf(c).v1.answer(`/tenants/${tenant.id}/tail`, {})
    const path = pathOf(tenant)
    return c.html(
      <Page c={c} title={`Live attempts of ${tenant.name}`} tenant={tenant} tab="live">
        <Heading>Live</Heading>
        <div class="note" id="live-state" role="status">
          Attempts are shown as they happen where JavaScript runs. Without it, open{' '}
          <a href={`${path}/webhooks`}>a webhook</a>: its page has its attempts.
        </div>
        <section class="card" data-live={`${path}/live/stream`} data-base={path}>
          <div class="scroll">
            <table class="stack">
              <thead>
                <tr>
                  <th>Event</th>
                  <th>Webhook</th>
                  <th>Outcome</th>
                  <th>Status</th>
                  <th>Took</th>
                  <th>At</th>
                </tr>
              </thead>
              <tbody id="live-rows" />
            </table>
          </div>
        </section>
      </Page>,
    )
  })
  .get('/live/stream', async (c) => {
    const tenant = await findTenant(c)
    const last = c.req.header('last-event-id')
    return visitOf(c).v1.answer(`/tenants/${tenant.id}/tail?seconds=${STREAM_SECONDS}`, {
      accept: 'text/event-stream',
      ...(last !== undefined && { 'last-event-id': last }),
    })
  })

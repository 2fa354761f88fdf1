// What a webhook did not get, to be sent again: one, or all.

import { Hono } from 'hono'
import { WebhookResponse } from '../../api/schema/webhook.ts'
import { type ConsoleEnv, may, visitOf } from '../context.ts'
import { testCommand } from '../parts/commands.ts'
import { Action, AskFirst, Empty, Heading, Pager, Time } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { presentationOf } from '../presentation.ts'
import { listShape, queryOf, ShownDiverted, titleOf } from '../shapes.ts'
import { findTenant } from '../tenant.ts'

const Diverted = listShape(ShownDiverted)

export const divertedPages = new Hono<ConsoleEnv>().get(
  '/webhooks/:webhook/diverted',
  async (c) => {
    const tenant = await findTenant(c)
    const base = `/tenants/${tenant.id}/webhooks/${encodeURIComponent(c.req.param('webhook'))}`
    const query = queryOf(c, ['cursor'])
    const v1 = visitOf(c).v1
    const [webhook, { items, nextCursor }] = await Promise.all([
      v1.get(base, WebhookResponse),
      v1.get(`${base}/diverted?${query}`, Diverted),
    ])
    const path = `${pathOf(tenant)}/webhooks/${webhook.id}`
    const { undelivered, showsInternals, say } = presentationOf(c)
    const command = testCommand(c, tenant, webhook.id)
    const mayResend = may(c, 'diverted-events:resend')
    return c.html(
      <Page c={c} title={undelivered} tenant={tenant} tab="webhooks">
        <Heading
          back={{ href: path, text: titleOf(webhook) }}
          actions={
            items.length > 0 &&
            mayResend && (
              <AskFirst
                c={c}
                to={`${path}/diverted/resend`}
                text="Resend all"
                question="Every event here is sent again."
              />
            )
          }
        >
          {undelivered}
        </Heading>
        <p class="quiet">What was given up for this webhook, kept until retention ends.</p>
        <section class="card">
          {items.length === 0 ? (
            <Empty
              says={`None: every event was delivered, or is still being tried.${command === undefined ? '' : ' What the receiver answers, a test event shows:'}`}
              command={command}
            />
          ) : (
            <div class="scroll">
              <table class="stack">
                <thead>
                  <tr>
                    <th>Event</th>
                    <th>Why</th>
                    <th>Given up</th>
                    <th>
                      <span class="quiet">Again</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ eventId, eventType, trigger, message, divertedAt }) => (
                    <tr>
                      <td>
                        <a href={`${pathOf(tenant)}/events/${eventId}`}>{eventType}</a>
                        <div class="id">{eventId}</div>
                      </td>
                      <td class="small">
                        {say(message)} {showsInternals && <span class="quiet">({trigger})</span>}
                      </td>
                      <td>
                        <Time at={divertedAt} />
                      </td>
                      <td>
                        {mayResend && (
                          <Action
                            c={c}
                            to={`${path}/diverted/resend`}
                            fields={{ event: eventId }}
                            text="Resend"
                          />
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <Pager path={`${path}/diverted`} query={query} next={nextCursor} />
        </section>
      </Page>,
    )
  },
)

// One attempt: what was sent, what came back, why it failed and what happens next.

import { Hono } from 'hono'
import { AttemptResponse } from '../../api/schema/attempt.ts'
import { SentRequestResponse } from '../../api/schema/sent-request.ts'
import { WebhookResponse } from '../../api/schema/webhook.ts'
import { notFound } from '../../errors.ts'
import { type ConsoleEnv, visitOf } from '../context.ts'
import { DiagnosisNote } from '../parts/attempts.tsx'
import { Badge, Card, Code, Heading, Time } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { orWhyNot, SentRequestCard } from '../parts/sent-request.tsx'
import { presentationOf } from '../presentation.ts'
import { listShape, titleOf } from '../shapes.ts'
import { findTenant } from '../tenant.ts'

const Attempts = listShape(AttemptResponse)

export const attemptPages = new Hono<ConsoleEnv>().get(
  '/webhooks/:webhook/attempts/:attempt',
  async (c) => {
    const tenant = await findTenant(c)
    const base = `/tenants/${tenant.id}/webhooks/${encodeURIComponent(c.req.param('webhook'))}`
    const eventId = encodeURIComponent(c.req.query('event') ?? '')
    const v1 = visitOf(c).v1
    const [webhook, { items }] = await Promise.all([
      v1.get(base, WebhookResponse),
      v1.get(`${base}/attempts?limit=250&eventId=${eventId}`, Attempts),
    ])
    const asked = `${base}/attempts/${encodeURIComponent(c.req.param('attempt'))}/request?eventId=${eventId}`
    const attempt = items.find(({ id }) => id === c.req.param('attempt'))
    if (attempt === undefined) throw notFound('attempt')
    const request = await orWhyNot(v1.get(asked, SentRequestResponse))
    const path = `${pathOf(tenant)}/webhooks/${webhook.id}`
    const others = items.filter(({ id }) => id !== attempt.id)
    return c.html(
      <Page c={c} title={`Attempt ${attempt.attempt}`} tenant={tenant} tab="webhooks">
        <Heading back={{ href: path, text: titleOf(webhook) }}>
          Attempt {attempt.attempt} of {attempt.eventType} <Badge status={attempt.outcome} />
        </Heading>
        {attempt.diagnosis && <DiagnosisNote c={c} diagnosis={attempt.diagnosis} />}
        <div class="columns">
          <Card title="What came back">
            <div class="body">
              <dl class="facts">
                <dt>Status</dt>
                <dd>{attempt.statusCode ?? 'no response'}</dd>
                {attempt.error !== null && (
                  <>
                    <dt>Error</dt>
                    <dd>{presentationOf(c).say(attempt.error)}</dd>
                  </>
                )}
                <dt>Took</dt>
                <dd>{Math.round(attempt.durationMs).toLocaleString('en')} ms</dd>
              </dl>
              {Object.keys(attempt.responseHeaders).length > 0 && (
                <>
                  <h3>Headers that tell why</h3>
                  <dl class="facts">
                    {Object.entries(attempt.responseHeaders).map(([name, value]) => (
                      <>
                        <dt>{name}</dt>
                        <dd class="id">{value}</dd>
                      </>
                    ))}
                  </dl>
                </>
              )}
              {attempt.responseExcerpt ? (
                <>
                  <h3>Beginning of the body</h3>
                  <Code id="answer" text={attempt.responseExcerpt} />
                </>
              ) : (
                <p class="quiet">There was no body, or it is not kept.</p>
              )}
            </div>
          </Card>
          <Card title="When and what for">
            <div class="body">
              <dl class="facts">
                <dt>When</dt>
                <dd>
                  <Time at={attempt.at} />
                </dd>
                <dt>Event</dt>
                <dd>
                  <a href={`${pathOf(tenant)}/events/${attempt.eventId}`}>{attempt.eventType}</a>
                  <div class="id">{attempt.eventId}</div>
                </dd>
                {attempt.batchId !== null && (
                  <>
                    <dt>Request</dt>
                    <dd>
                      went in a batch
                      <div class="id">{attempt.batchId}</div>
                    </dd>
                  </>
                )}
                <dt>Next attempt</dt>
                <dd>
                  <Time at={attempt.nextAttemptAt} none="none follows from this one" />
                </dd>
              </dl>
            </div>
          </Card>
        </div>
        <SentRequestCard c={c} request={request} />
        {others.length > 0 && (
          <Card title="Other attempts of this event">
            <table>
              <tbody>
                {others.map(({ id, at, outcome, statusCode, error }) => (
                  <tr>
                    <td>
                      <a href={`${path}/attempts/${id}?event=${attempt.eventId}`}>
                        <Time at={at} />
                      </a>
                    </td>
                    <td>
                      <Badge status={outcome} /> {statusCode ?? error}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Card>
        )}
      </Page>,
    )
  },
)

// What happens when deliveries to a webhook fail: how it is set, and when retries would come.

import { Hono } from 'hono'
import { WebhookResponse } from '../../api/schema/webhook.ts'
import { Refusal } from '../../http/v1.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { readDelays, spanOf, writeDelay } from '../parts/delays.ts'
import { Card, Heading, Note } from '../parts/elements.tsx'
import { CheckField, TextField } from '../parts/fields.tsx'
import { FormToken, Page } from '../parts/layout.tsx'
import { delaysOf } from '../parts/webhook-facts.tsx'
import { readForm } from '../session.ts'
import { titleOf } from '../shapes.ts'
import { findWebhookPlace } from '../tenant.ts'

interface Fields {
  /** Delays before each retry, as written. */
  readonly delays: string
  readonly divert: boolean
  /** Empty: never. */
  readonly suspendHours: string
  readonly suspendFailures: string
  readonly timeoutMs: string
}

function fieldsOfWebhook({ failureHandling }: WebhookResponse): Fields {
  const { retry, divert, suspend, timeoutMs } = failureHandling
  return {
    delays: delaysOf(retry).map(writeDelay).join(' '),
    divert,
    suspendHours: suspend === null ? '' : String(suspend.afterSeconds / 3_600),
    suspendFailures: suspend === null ? '' : String(suspend.afterFailures),
    timeoutMs: String(timeoutMs),
  }
}

function fieldsOf(form: URLSearchParams): Fields {
  const text = (name: string) => (form.get(name) ?? '').trim()
  return {
    delays: text('delays'),
    divert: form.get('divert') === 'true',
    suspendHours: text('suspendHours'),
    suspendFailures: text('suspendFailures'),
    timeoutMs: text('timeoutMs'),
  }
}

/** What the API takes for it. */
function toInput(fields: Fields, delaysSeconds: readonly number[]) {
  const { divert, suspendHours, suspendFailures, timeoutMs } = fields
  const suspend = {
    afterSeconds: Math.round(Number(suspendHours) * 3_600),
    afterFailures: Number(suspendFailures || '1'),
  }
  return {
    failureHandling: {
      retry: delaysSeconds.length === 0 ? null : { type: 'schedule', delaysSeconds },
      divert,
      suspend: suspendHours === '' ? null : suspend,
      timeoutMs: Number(timeoutMs),
    },
  }
}

type Wrong = Readonly<Record<string, string>>

const PATH = '/webhooks/:webhook/failures'

export const failureHandlingPages = new Hono<ConsoleEnv>()
  .get(PATH, (c) => failurePage(c, null, {}))
  .post(PATH, async (c) => {
    const { api, path } = await findWebhookPlace(c)
    const form = await readForm(c)
    const fields = fieldsOf(form)
    const delays = readDelays(fields.delays)
    if ('unreadable' in delays) {
      return failurePage(c, fields, { delays: `This is no delay: ${delays.unreadable}` })
    }
    if (form.has('preview')) return failurePage(c, fields, {})
    try {
      await visitOf(c).v1.send('PATCH', api, toInput(fields, delays), WebhookResponse)
    } catch (error) {
      if (!(error instanceof Refusal) || error.problem.status !== 400) throw error
      return failurePage(c, fields, { all: error.problem.detail })
    }
    return c.redirect(`${path}?done=saved`, 303)
  })

/** `given`: what was typed; null for the webhook as it is. */
async function failurePage(c: ConsoleContext, given: Fields | null, wrong: Wrong) {
  const { tenant, api, path } = await findWebhookPlace(c)
  const webhook = await visitOf(c).v1.get(api, WebhookResponse)
  const fields = given ?? fieldsOfWebhook(webhook)
  const delays = readDelays(fields.delays)
  return c.html(
    <Page c={c} title="Failure handling" tenant={tenant} tab="webhooks">
      <Heading back={{ href: path, text: titleOf(webhook) }}>Failure handling</Heading>
      <div class="columns">
        <section class="card">
          <div class="body">
            <form method="post" action={`${path}/failures`}>
              <FormToken c={c} />
              {wrong.all && <Note tone="bad">{wrong.all}</Note>}
              <TextField
                name="delays"
                label="Delays before each retry"
                value={fields.delays}
                hint={
                  <>
                    Such as <code>5s 5m 30m 2h</code>. Empty: nothing is retried.
                  </>
                }
                wrong={wrong.delays}
              />
              <TextField
                name="timeoutMs"
                label="Timeout, in milliseconds"
                type="number"
                value={fields.timeoutMs}
                hint="How long to wait for a response."
              />
              <div class="pair">
                <TextField
                  name="suspendHours"
                  label="Suspend after so many hours"
                  value={fields.suspendHours}
                  hint="Of failures without a success. Empty: never."
                />
                <TextField
                  name="suspendFailures"
                  label="and failures of so many events"
                  type="number"
                  value={fields.suspendFailures}
                />
              </div>
              <CheckField
                name="divert"
                label="Keep events that are given up, to be sent again"
                checked={fields.divert}
              />
              <div class="actions-row">
                <button type="submit" class="main">
                  Save
                </button>
                <button type="submit" name="preview" value="true">
                  Preview
                </button>
              </div>
            </form>
          </div>
        </section>
        <Card title="When retries would come">
          {'unreadable' in delays ? (
            <div class="body">
              <p class="quiet">The delays cannot be read yet.</p>
            </div>
          ) : (
            <RetryTimes delays={delays} />
          )}
        </Card>
      </div>
    </Page>,
    Object.keys(wrong).length === 0 ? 200 : 400,
  )
}

function RetryTimes({ delays }: { readonly delays: readonly number[] }) {
  let since = 0
  const attempts = [0, ...delays].map((delay, index) => {
    since += delay
    return { number: index + 1, delay, since }
  })
  return (
    <table>
      <thead>
        <tr>
          <th>Attempt</th>
          <th>After</th>
          <th>Since the event</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map(({ number, delay, since }) => (
          <tr>
            <td>{number}</td>
            <td>{number === 1 ? 'at once' : spanOf(delay)}</td>
            <td>{number === 1 ? '–' : spanOf(since)}</td>
          </tr>
        ))}
        <tr>
          <td colspan={3} class="quiet">
            {delays.length === 0 ? 'A failure is final.' : `Given up after ${spanOf(since)}.`}
          </td>
        </tr>
      </tbody>
    </table>
  )
}

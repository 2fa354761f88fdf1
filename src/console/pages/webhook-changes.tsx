// What is done to a webhook from its page: each a form that was sent.

import { Hono } from 'hono'
import { AttemptResponse } from '../../api/schema/attempt.ts'
import { StartedJobResponse } from '../../api/schema/job.ts'
import { SecretResponse, WebhookResponse } from '../../api/schema/webhook.ts'
import { invalid } from '../../errors.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { DiagnosisNote } from '../parts/attempts.tsx'
import { Badge, Code, Heading, Note } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import {
  fieldsOf,
  fieldsOfWebhook,
  toWebhookInput,
  type WebhookFields,
  WebhookForm,
} from '../parts/webhook-form.tsx'
import { readForm } from '../session.ts'
import { findTenant } from '../tenant.ts'
import { noBody, type Problem, Refusal } from '../v1.ts'

/** The webhook that a path names, for the API and for the pages. */
async function placeOf(c: ConsoleContext) {
  const tenant = await findTenant(c)
  const id = encodeURIComponent(c.req.param('webhook') ?? '')
  return {
    tenant,
    api: `/tenants/${tenant.id}/webhooks/${id}`,
    path: `${pathOf(tenant)}/webhooks/${id}`,
  }
}

const at = (path = '') => `/tenants/:tenant/webhooks/:webhook${path}` as const

async function editPage(
  c: ConsoleContext,
  given: { readonly fields: WebhookFields; readonly problem: Problem } | null,
) {
  const { tenant, api, path } = await placeOf(c)
  const webhook = await visitOf(c).v1.get(api, WebhookResponse)
  return c.html(
    <Page c={c} title="Edit the webhook" tenant={tenant} tab="webhooks">
      <Heading back={{ href: path, text: webhook.name ?? webhook.url }}>Edit the webhook</Heading>
      <section class="card">
        <div class="body">
          <WebhookForm
            c={c}
            to={`${path}/edit`}
            fields={given?.fields ?? fieldsOfWebhook(webhook)}
            problem={given?.problem ?? null}
            button="Save"
          />
        </div>
      </section>
    </Page>,
    given === null ? 200 : 400,
  )
}

function isAboutInput({ problem }: Refusal): boolean {
  return problem.status === 400 || problem.status === 409 || problem.status === 422
}

export const webhookChanges = new Hono<ConsoleEnv>()
  .get(at('/edit'), (c) => editPage(c, null))
  .post(at('/edit'), async (c) => {
    const { api, path } = await placeOf(c)
    const fields = fieldsOf(await readForm(c))
    try {
      await visitOf(c).v1.send('PATCH', api, toWebhookInput(fields), WebhookResponse)
    } catch (error) {
      if (!(error instanceof Refusal) || !isAboutInput(error)) throw error
      return editPage(c, { fields, problem: error.problem })
    }
    return c.redirect(`${path}?done=saved`, 303)
  })
  .post(at('/resume'), async (c) => {
    const { api, path } = await placeOf(c)
    await readForm(c)
    await visitOf(c).v1.send('POST', `${api}/resume`, undefined, noBody)
    return c.redirect(`${path}?done=resumed`, 303)
  })
  .post(at('/enabled'), async (c) => {
    const { api, path } = await placeOf(c)
    const enabled = (await readForm(c)).get('enabled') === 'true'
    await visitOf(c).v1.send('PATCH', api, { enabled }, WebhookResponse)
    return c.redirect(`${path}?done=${enabled ? 'enabled' : 'disabled'}`, 303)
  })
  .post(at('/delete'), async (c) => {
    const { tenant, api } = await placeOf(c)
    await readForm(c)
    await visitOf(c).v1.send('DELETE', api, undefined, noBody)
    return c.redirect(`${pathOf(tenant)}/webhooks`, 303)
  })
  .post(at('/rotate-secret'), async (c) => {
    const { tenant, api, path } = await placeOf(c)
    await readForm(c)
    const { secret } = await visitOf(c).v1.send('POST', `${api}/rotate-secret`, {}, SecretResponse)
    return c.html(
      <Page c={c} title="The new secret" tenant={tenant} tab="webhooks">
        <Heading back={{ href: path, text: 'The webhook' }}>The new secret</Heading>
        <section class="card">
          <div class="body">
            <p>It is shown this once. The former one signs as well for 24 hours.</p>
            <Code id="secret" text={secret} />
          </div>
        </section>
      </Page>,
    )
  })
  .post(at('/test'), async (c) => {
    const { tenant, api, path } = await placeOf(c)
    const form = await readForm(c)
    const type = (form.get('type') ?? '').trim()
    const data = (form.get('data') ?? '').trim()
    const parts = [
      ...(type === '' ? [] : [`"type":${JSON.stringify(type)}`]),
      // As it was typed, so that its numbers stay what they are.
      ...(data === '' ? [] : [`"data":${checked(data)}`]),
    ]
    const attempt = await visitOf(c).v1.send(
      'POST',
      `${api}/test`,
      `{${parts.join(',')}}`,
      AttemptResponse,
    )
    return c.html(
      <Page c={c} title="The test" tenant={tenant} tab="webhooks">
        <Heading back={{ href: path, text: 'The webhook' }}>
          The test was <Badge status={attempt.outcome} />
        </Heading>
        <p>
          {attempt.statusCode === null
            ? attempt.error
            : `The receiver answered ${attempt.statusCode} after ${Math.round(attempt.durationMs)} ms.`}
        </p>
        {attempt.diagnosis && <DiagnosisNote diagnosis={attempt.diagnosis} />}
        {attempt.responseExcerpt && (
          <section class="card">
            <header>
              <h2>What it answered</h2>
            </header>
            <div class="body">
              <Code id="answer" text={attempt.responseExcerpt} />
            </div>
          </section>
        )}
        <Note tone="">A test is not retried, and not among the attempts.</Note>
      </Page>,
    )
  })
  .post(at('/diverted/resend'), async (c) => {
    const { api, path } = await placeOf(c)
    const eventId = (await readForm(c)).get('event') ?? ''
    const one = eventId === '' ? '' : `/${encodeURIComponent(eventId)}`
    const body = one === '' ? {} : undefined
    await visitOf(c).v1.send('POST', `${api}/diverted${one}/resend`, body, StartedJobResponse)
    return c.redirect(`${path}?done=resent`, 303)
  })

/** JSON that is one value, so that it cannot be more of the request than its data. Throws `invalid`. */
function checked(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    throw invalid(['data'], 'Expected JSON.')
  }
}

// What is done to a webhook from its page: each a form that was sent.

import { Hono } from 'hono'
import { StartedJobResponse } from '../../api/schema/job.ts'
import { CancelledResponse } from '../../api/schema/pending.ts'
import { WebhookResponse } from '../../api/schema/webhook.ts'
import { noBody, type Problem, Refusal } from '../../http/v1.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { Heading } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import {
  fieldsOf,
  fieldsOfWebhook,
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
import { readForm } from '../session.ts'
import { titleOf } from '../shapes.ts'
import { findWebhookPlace } from '../tenant.ts'

async function editPage(
  c: ConsoleContext,
  given: {
    readonly fields: WebhookFields
    readonly problem: Problem | null
    readonly tried?: WebhookFormProps['tried']
  } | null,
) {
  const { tenant, api, path } = await findWebhookPlace(c)
  const [webhook, presets] = await Promise.all([
    visitOf(c).v1.get(api, WebhookResponse),
    findPresets(c, tenant.id),
  ])
  return c.html(
    <Page c={c} title="Edit the webhook" tenant={tenant} tab="webhooks">
      <Heading back={{ href: path, text: titleOf(webhook) }}>Edit the webhook</Heading>
      <section class="card">
        <div class="body">
          <WebhookForm
            c={c}
            to={`${path}/edit`}
            fields={given?.fields ?? fieldsOfWebhook(webhook)}
            problem={given?.problem ?? null}
            presets={presets}
            tried={given?.tried ?? null}
            button="Save"
          />
        </div>
      </section>
    </Page>,
    given?.problem ? 400 : 200,
  )
}

function isAboutInput({ problem }: Refusal): boolean {
  return problem.status === 400 || problem.status === 409 || problem.status === 422
}

const at = (path: string) => `/webhooks/:webhook${path}` as const

export const webhookChanges = new Hono<ConsoleEnv>()
  .get(at('/edit'), (c) => editPage(c, null))
  .post(at('/edit'), async (c) => {
    const { tenant, api, path } = await findWebhookPlace(c)
    const form = await readForm(c)
    const fields = fieldsOf(form)
    try {
      if (form.has('preset')) {
        const presets = await findPresets(c, tenant.id)
        return editPage(c, {
          fields: withPreset(fields, presets, form.get('preset')),
          problem: null,
        })
      }
      if (form.has('preview')) {
        const tried = await tryExpressions(c, tenant.id, fields)
        return editPage(c, { fields, problem: null, tried })
      }
      await visitOf(c).v1.send('PATCH', api, toWebhookInput(fields), WebhookResponse)
    } catch (error) {
      if (!(error instanceof Refusal) || !isAboutInput(error)) throw error
      return editPage(c, { fields, problem: error.problem })
    }
    return c.redirect(`${path}?done=saved`, 303)
  })
  .post(at('/resume'), async (c) => {
    const { api, path } = await findWebhookPlace(c)
    await readForm(c)
    await visitOf(c).v1.send('POST', `${api}/resume`, undefined, noBody)
    return c.redirect(`${path}?done=resumed`, 303)
  })
  .post(at('/verify'), async (c) => {
    const { api, path } = await findWebhookPlace(c)
    await readForm(c)
    await visitOf(c).v1.send('POST', `${api}/verify`, undefined, WebhookResponse)
    return c.redirect(`${path}?done=asked`, 303)
  })
  .post(at('/skip'), async (c) => {
    const { api, path } = await findWebhookPlace(c)
    const key = encodeURIComponent((await readForm(c)).get('behind') ?? '')
    await visitOf(c).v1.send('POST', `${api}/order/${key}/skip`, undefined, noBody)
    return c.redirect(`${path}?done=skipped`, 303)
  })
  .post(at('/enabled'), async (c) => {
    const { api, path } = await findWebhookPlace(c)
    const enabled = (await readForm(c)).get('enabled') === 'true'
    await visitOf(c).v1.send('PATCH', api, { enabled }, WebhookResponse)
    return c.redirect(`${path}?done=${enabled ? 'enabled' : 'disabled'}`, 303)
  })
  .post(at('/paused'), async (c) => {
    const { api, path } = await findWebhookPlace(c)
    const paused = (await readForm(c)).get('paused') === 'true'
    await visitOf(c).v1.send('PATCH', api, { paused }, WebhookResponse)
    return c.redirect(`${path}?done=${paused ? 'paused' : 'unpaused'}`, 303)
  })
  .post(at('/cancel'), async (c) => {
    const { api, path } = await findWebhookPlace(c)
    const named = (await readForm(c)).get('eventTypes') ?? ''
    const eventTypes = named.split(/[\s,]+/).filter((type) => type !== '')
    const filter = eventTypes.length === 0 ? {} : { eventTypes }
    const { more } = await visitOf(c).v1.send('POST', `${api}/cancel`, filter, CancelledResponse)
    return c.redirect(`${path}?done=${more ? 'cancelled-some' : 'cancelled'}`, 303)
  })
  .post(at('/delete'), async (c) => {
    const { tenant, api } = await findWebhookPlace(c)
    await readForm(c)
    await visitOf(c).v1.send('DELETE', api, undefined, noBody)
    return c.redirect(`${pathOf(tenant)}/webhooks`, 303)
  })
  .post(at('/consumers/delete'), async (c) => {
    const { api, path } = await findWebhookPlace(c)
    const consumer = encodeURIComponent((await readForm(c)).get('consumer') ?? '')
    await visitOf(c).v1.send('DELETE', `${api}/pull/consumers/${consumer}`, undefined, noBody)
    return c.redirect(`${path}?done=forgotten`, 303)
  })
  .post(at('/diverted/resend'), async (c) => {
    const { api, path } = await findWebhookPlace(c)
    const eventId = (await readForm(c)).get('event') ?? ''
    const one = eventId === '' ? '' : `/${encodeURIComponent(eventId)}`
    const body = one === '' ? {} : undefined
    await visitOf(c).v1.send('POST', `${api}/diverted${one}/resend`, body, StartedJobResponse)
    return c.redirect(`${path}?done=resent`, 303)
  })

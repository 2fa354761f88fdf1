// The secret of a webhook: shown, and replaced. Both are asked for with a form, so that no link, and no history of a browser, leads there.

import { Hono } from 'hono'
import { SecretResponse } from '../../api/schema/webhook-secret.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { Code, Heading } from '../parts/elements.tsx'
import { Page } from '../parts/layout.tsx'
import { readForm } from '../session.ts'
import { findWebhookPlace } from '../tenant.ts'

type Place = Awaited<ReturnType<typeof findWebhookPlace>>

interface Shown {
  readonly title: string
  readonly says: string
  readonly secret: string
}

function secretPage(c: ConsoleContext, { tenant, path }: Place, { title, says, secret }: Shown) {
  return c.html(
    <Page c={c} title={title} tenant={tenant} tab="webhooks">
      <Heading back={{ href: path, text: 'The webhook' }}>{title}</Heading>
      <section class="card">
        <div class="body">
          <p>{says}</p>
          <Code id="secret" text={secret} />
        </div>
      </section>
    </Page>,
  )
}

export const webhookSecretPages = new Hono<ConsoleEnv>()
  .post('/webhooks/:webhook/secret', async (c) => {
    const place = await findWebhookPlace(c)
    await readForm(c)
    const { secret } = await visitOf(c).v1.get(`${place.api}/secret`, SecretResponse)
    const says = 'The receiver verifies signatures with it. Keep it to yourself.'
    return secretPage(c, place, { title: 'The secret', says, secret })
  })
  .post('/webhooks/:webhook/rotate-secret', async (c) => {
    const place = await findWebhookPlace(c)
    await readForm(c)
    const path = `${place.api}/rotate-secret`
    const { secret } = await visitOf(c).v1.send('POST', path, {}, SecretResponse)
    const says =
      'Give it to the receiver before you leave the page. The former one signs as well for 24 hours.'
    return secretPage(c, place, { title: 'The new secret', says, secret })
  })

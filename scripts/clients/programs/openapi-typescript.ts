// Creates README's webhook and publishes README's event with the types of openapi-typescript and its client,
// openapi-fetch.

import createClient from 'openapi-fetch'
import type { components, paths } from './hookline.d.ts'

const { HOOKLINE_URL = '', HOOKLINE_TOKEN = '', WEBHOOK = '', EVENT = '' } = process.env
const client = createClient<paths>({
  baseUrl: HOOKLINE_URL,
  headers: { authorization: `Bearer ${HOOKLINE_TOKEN}` },
})

const webhook: components['schemas']['CreateWebhook'] = JSON.parse(WEBHOOK)
const created = await client.POST('/v1/webhooks', { body: webhook })
if (!created.data) throw new Error(created.error.detail)

const event: components['schemas']['EventInput'] = JSON.parse(EVENT)
const accepted = await client.POST('/v1/events', { body: event })
if (!accepted.data) throw new Error(accepted.error.detail)

const [first] = accepted.data.events
console.log(JSON.stringify({ webhook: created.data.id, event: first?.id }))

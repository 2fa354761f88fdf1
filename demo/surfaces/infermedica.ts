// Infermedica's Intake webhooks, registered with the commands that its documentation prints: word for word but for the
// instance, the credentials and the receiver's address; the trailing comma of the second one is the page's.

import { readPrintedRequest } from '../printed-request.ts'
import type { Surface } from './surface.ts'
import { tokenVerifier } from './verifiers.ts'

const REGISTER = `curl --location --request POST 'https://<INSTANCE_URL>/api/v2/config/webhook' \\
--header 'Authorization: Bearer <CREDENTIALS>' \\
--header 'Content-Type: application/json' \\
--data-raw '{
"url": "https://mywebsite.com/webhook_receiver",
"authorization_token": "zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ",
"subscribed_events": ["survey_created"]
}'`

const UPDATE_TOKEN = `curl --location --request PATCH 'https://<INSTANCE_URL>/api/v2/config/webhook/{id}' \\
--header 'Authorization: Bearer <CREDENTIALS>' \\
--header 'Content-Type: application/json' \\
--data-raw '{
"authorization_token": "zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ",
}'`

const TOKEN = 'zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ'

export const infermedica: Surface = {
  title: 'Infermedica',
  plans: [
    {
      receiver: 'intake',
      about: 'survey_created',
      wants: ({ type }) => type === 'survey_created',
      register: async (client, url) => {
        const replacements = {
          '<INSTANCE_URL>': new URL(client.url).host,
          '<CREDENTIALS>': client.token,
          'https://mywebsite.com/webhook_receiver': url,
        }
        const created = await client.send(readPrintedRequest(REGISTER, replacements))
        const { id } = created.body as { id: string }
        await client.send(readPrintedRequest(UPDATE_TOKEN, { ...replacements, '{id}': id }))
        return { webhookId: id, prove: tokenVerifier('x-webhook-infermedica-token', TOKEN) }
      },
    },
  ],
}

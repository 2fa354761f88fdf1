// CrazyGoldFish's webhooks, registered as its page's scenario goes: the id of 'assignment_answer_sheet_extraction' from the
// webhook templates endpoint, then the POST. The full page prints its body (docs.crazygoldfish.com, POST Webhook).

import { USER } from '../events.ts'
import type { Surface } from './surface.ts'
import { hexHmacVerifier } from './verifiers.ts'

const TEMPLATE = 'assignment_answer_sheet_extraction'

const CREATE = `{
  "api_template": "488f4644-057d-41e7-9a74-72c040602647",
  "endpoint_url": "https://example.com/webhook/assignment-processing",
  "secret_hash": "my-secret-key-123"
}`

const SECRET = 'my-secret-key-123'

export const crazygoldfish: Surface = {
  title: 'CrazyGoldFish',
  plans: [
    {
      receiver: 'grading',
      about: `answer sheets of ${USER}`,
      wants: ({ type, scope }) =>
        type === 'document.processed' && scope?.template === TEMPLATE && scope.user === USER,
      register: async (client, url) => {
        const headers = {
          Authorization: `Bearer ${client.token}`,
          'Content-Type': 'application/json',
        }
        const { body } = await client.send({
          method: 'GET',
          path: '/webhooks/v1/webhook-templates/',
          headers,
        })
        const { results } = body as { results: { id: string; name: string }[] }
        const template = results.find(({ name }) => name === TEMPLATE)
        if (template === undefined) throw new Error(`Unknown template ${TEMPLATE}.`)
        const created = await client.send({
          method: 'POST',
          path: '/webhooks/v1/webhook/',
          headers,
          body: CREATE.replace('488f4644-057d-41e7-9a74-72c040602647', template.id).replace(
            'https://example.com/webhook/assignment-processing',
            url,
          ),
        })
        const { id } = created.body as { id: string }
        return { webhookId: id, prove: hexHmacVerifier(SECRET, 'x-webhook-signature', 'sha256=') }
      },
    },
  ],
}

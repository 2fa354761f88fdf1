// EveryPoint's webhook of an instance, set with the PATCH that its page prints; the key and the secret are those of
// Hookline's key (Basic, as its documentation says).

import type { DemoEvent, Surface } from './surface.ts'
import { findWebhookId } from './webhook-id.ts'

const INSTANCE_URI = '/instances/default'

const UPDATE = `{
  "url": "https://yourcompany.com/webhook.php"
}`

export const everypoint: Surface = {
  title: 'EveryPoint',
  plans: [
    {
      receiver: 'mapping',
      about: 'job, annotation, message of one instance',
      wants: (event) => event.scope?.instance === 'default' && toNotification(event) !== null,
      // Full URLs take the place of what was published.
      carries: (body, event) => body === JSON.stringify(toNotification(event)),
      register: async (client, url) => {
        const credentials = Buffer.from(client.token.replace('.', ':')).toString('base64')
        await client.send({
          method: 'PATCH',
          path: `/v3${INSTANCE_URI}/webhook`,
          headers: { Authorization: `Basic ${credentials}`, 'Content-Type': 'application/json' },
          body: UPDATE.replace('https://yourcompany.com/webhook.php', url),
        })
        return {
          webhookId: await findWebhookId(client, url),
          // The page documents no signature: all that a receiver can look at is the format.
          prove: ({ body }) => ({
            header: '—',
            isGenuine: /^\{"(job|annotation|message)":/.test(body),
            by: 'format, unsigned',
          }),
        }
      },
    },
  ],
}

/** As the page prints them; null for an event that causes none, like an annotation that no trigger created. */
function toNotification({ type, data }: DemoEvent): object | null {
  const published: Readonly<Record<string, unknown>> = JSON.parse(data)
  const url = (uri: unknown) => `https://api.everypoint.io/v3${INSTANCE_URI}${uri}`
  if (type === 'job') return { job: url(published.uri) }
  if (type === 'annotation' && published.trigger) return { annotation: url(published.uri) }
  if (type !== 'message') return null
  return { message: { folder: url(published.folder), body: published.body } }
}

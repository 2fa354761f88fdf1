// Socotra's webhooks, created with the properties of its page's tables (CreateWebhookRequest, CreateEndpointRequest). The
// page prints no values, so these are ours; the event type is a custom one.

import type { Surface } from './surface.ts'
import { hexHmacVerifier } from './verifiers.ts'
import { findWebhookId } from './webhook-id.ts'

const SECRET = 'correct horse battery staple'

export const socotra: Surface = {
  title: 'Socotra',
  plans: [
    {
      receiver: 'claims',
      about: 'claim.flagged',
      wants: ({ type }) => type === 'claim.flagged',
      register: async (client, url, tenantId) => {
        await client.send({
          method: 'POST',
          path: `/event/${tenantId}/webhooks`,
          headers: { Authorization: `Bearer ${client.token}`, 'Content-Type': 'application/json' },
          body: JSON.stringify({
            name: 'Flagged claims',
            enabled: true,
            endpoint: {
              url,
              hmacEnabled: true,
              secret: SECRET,
              tag: 'blue',
              headers: { 'X-Desk': ['fraud', 'audit'] },
            },
            failureHandling: { divert: true, triggers: ['4xx', '5xx', 'timeout'] },
            eventTypes: ['claim.flagged'],
          }),
        })
        return {
          webhookId: await findWebhookId(client, url),
          prove: hexHmacVerifier(SECRET, 'socotra-signature'),
        }
      },
    },
  ],
}

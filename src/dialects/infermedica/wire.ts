// What a receiver of Infermedica's webhooks gets (docs/contracts/infermedica.md, "Notifications").

import { plainAlert } from '../../engine/notifications/alert.ts'
import type { Wire } from '../../engine/ports/index.ts'

export const wire: Wire = {
  // The body is put together as text: `data` reaches the receiver as the producer wrote it.
  encode: async (event, { secrets }) => {
    const token = secrets.attributes.authorization_token
    return {
      headers: token === undefined ? [] : [['x-webhook-infermedica-token', token]],
      body: `{"event_type":${JSON.stringify(event.type)},"content":${event.data}}`,
    }
  },
  alert: plainAlert,
}

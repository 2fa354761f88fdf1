import { plainAlert } from '../../../src/engine/notifications/alert.ts'
import type { Wire } from '../../../src/engine/ports/index.ts'

export const wire: Wire = {
  encode: async (event) => ({
    headers: [['x-acme-topic', event.type]],
    body: `{"topic":${JSON.stringify(event.type)},"payload":${event.data}}`,
  }),
  alert: plainAlert,
}

// What a receiver of a Svix endpoint gets: the payload, or the raw text in its place, as it was sent, with the headers of Svix and those of Standard Webhooks
// (docs/contracts/svix.md, "Wire format to receivers for drop-in verification").

import { plainAlert } from '../../engine/notifications/alert.ts'
import type { Wire } from '../../engine/ports/index.ts'
import { toSvixId } from './ids.ts'

export const wire: Wire = {
  encode: async ({ data, raw }) => ({
    headers: [],
    body: raw?.text ?? data,
    ...(raw?.contentType && { contentType: raw.contentType }),
  }),
  messageId: (eventId) => toSvixId('msg', eventId),
  headerPrefixes: ['svix-'],
  alert: plainAlert,
}

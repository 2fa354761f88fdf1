// What a receiver of Contract.fit's webhooks gets: `event`, `organization` and `data` as the vendor's pages print them,
// and then the inbox and project of the document where the event says so (docs/contracts/contractfit.md,
// "Notifications").

import { plainAlert } from '../../engine/notifications/alert.ts'
import type { Wire } from '../../engine/ports/index.ts'

export const wire: Wire = {
  // The body is put together as text: `data` reaches the receiver as the producer wrote it.
  encode: async ({ type, data, scope }, _, { tenantName }) => {
    const event = JSON.stringify(type)
    const organization = JSON.stringify(tenantName)
    const place = member('inbox', scope.inbox) + member('project', scope.project)
    return {
      headers: [],
      body: `{"event":${event},"organization":${organization},"data":${data}${place}}`,
    }
  },
  alert: plainAlert,
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`
}

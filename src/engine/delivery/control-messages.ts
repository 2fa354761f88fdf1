// Messages of the deliveries queue that carry no delivery. In: one of them; out: it is done, or it rejects and must
// come again.

import { publishOperationalEvent } from '../notifications/operational-events.ts'
import type { DeliverMessage, DeliveryMessage, Ports } from '../ports/index.ts'
import { noteState, writeState } from './report.ts'

export type ControlMessage = Exclude<DeliveryMessage, DeliverMessage>

/** Does what a message asks for. `again`: it may have been done before. */
export async function runControlMessage(
  control: ControlMessage,
  again: boolean,
  ports: Ports,
): Promise<void> {
  switch (control.kind) {
    case 'record': {
      const { tenantId, webhookId, report } = control
      const { isNew: _, ...state } = await ports.monitor(webhookId).report(report)
      const webhook = { tenantId, id: webhookId }
      await Promise.all([writeState(webhook, state, ports), noteState(webhook, state, ports)])
      return
    }
    case 'notice':
      return publishOperationalEvent(control.notice, again, ports)
    case 'purge':
      return ports.monitor(control.webhookId).purge()
  }
}

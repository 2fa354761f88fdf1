// What a webhook's deletion means to its monitor, which must forget it whoever dies meanwhile.

import { describeError } from '../../errors.ts'
import { QUEUE } from '../../tuning.ts'
import type { Ports, WebhookRef } from '../ports/index.ts'

/** So that a webhook's monitor forgets even if nobody comes back to tell it. One that cannot be reached is told by the queue. */
export async function announceDeletion(
  ref: WebhookRef,
  { monitor, log }: Pick<Ports, 'monitor' | 'log'>,
): Promise<void> {
  try {
    await monitor(ref.id).expectDeletion({ tenantId: ref.tenantId, id: ref.id })
  } catch (error) {
    log({ event: 'deletion.unannounced', webhookId: ref.id, error: describeError(error) })
  }
}

/** Has the monitor of a deleted webhook forget everything: now, or by the deliveries queue when it cannot be reached now. */
export async function purgeOrSend(
  webhookId: string,
  { monitor, deliveries, log }: Pick<Ports, 'monitor' | 'deliveries' | 'log'>,
): Promise<void> {
  try {
    await monitor(webhookId).purge()
  } catch (error) {
    log({ event: 'purge.postponed', webhookId, error: describeError(error) })
    const message = { kind: 'purge', webhookId } as const
    await deliveries.send([{ message, delaySeconds: QUEUE.unavailableDelaySeconds }])
  }
}

// A publish from the first to the last: accepted, answered, and sent on its way by the invocation that published it.

import { INVOCATION } from '../../tuning.ts'
import type { AcceptedEvent } from '../api/publishing.ts'
import type { Events } from '../api.ts'
import { type Published, publish } from '../intake/publish.ts'
import type { Ports } from '../ports/index.ts'
import { sendWithPublish } from './first-deliveries.ts'
import { inPublishSpan } from './publish-span.ts'
import { openPublishTime, type PublishTime } from './publish-time.ts'
import { withTimeouts } from './with-timeout.ts'

/** `Events.publish`, whose events are on their way in the background when it resolves. */
export function createPublish(ports: Ports): Events['publish'] {
  const bounded = withTimeouts(ports, INVOCATION.callMs)

  /** What could not be published was said to whoever asked. */
  async function send(
    tenantId: string,
    publishing: Promise<Published>,
    time: PublishTime,
  ): Promise<void> {
    const [published] = await Promise.allSettled([publishing])
    if (published.status === 'fulfilled') {
      await sendWithPublish(tenantId, published.value.acceptance?.deliveries ?? [], time)
    }
    time.stop()
  }

  return (tenantId, drafts, options): Promise<readonly AcceptedEvent[]> =>
    inPublishSpan({ tenantId, drafts }, ports, async () => {
      const time = openPublishTime(ports, bounded)
      const publishing = publish(tenantId, drafts, options?.idempotency ?? null, bounded)
      // Before anything is waited for: a caller that hangs up would end what was not yet said to go on.
      ports.background(send(tenantId, publishing, time))
      return (await publishing).answers
    })
}

// Pull webhooks that are deleted when nobody reads them: the hourly sweep looks for them, so that whoever made one and was ended with
// all its machine leaves nothing behind.

import { describeError, EngineError } from '../../errors.ts'
import type { Webhooks } from '../api.ts'
import { PULLING } from '../model/index.ts'
import type { Ports, WebhookRef } from '../ports/index.ts'

/** Deletes those that were idle for as long as they may be; one that cannot be is looked at again an hour later. */
export async function deleteIdle(
  remove: Webhooks['delete'],
  { clock, webhooks, log }: Pick<Ports, 'clock' | 'webhooks' | 'log'>,
): Promise<void> {
  const limit = PULLING.idleTogether
  // A pull may have come so much later than the one that is noted.
  const before = clock() - PULLING.notedMs
  let after: WebhookRef | null = null
  do {
    const idle: readonly WebhookRef[] = await webhooks.listIdle(before, { limit, after })
    await Promise.all(
      idle.map(async (ref) => {
        try {
          await remove(ref)
        } catch (error) {
          // Its owner was faster.
          if (error instanceof EngineError && error.code === 'not_found') return
          log({ event: 'idle.undeleted', webhookId: ref.id, error: describeError(error) })
        }
      }),
    )
    after = idle.length < limit ? null : (idle.at(-1) ?? null)
  } while (after !== null)
}

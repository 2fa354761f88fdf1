// The one webhook of an instance. It is made by the first URL and gone with the last, so that two calls may meet: who
// finds that another one was faster looks again. Where another user's stands that this key may not see, looking does not
// help.

import type { WebhookOutline } from '../../engine/model/index.ts'
import { EngineError, UNSEEN } from '../../errors.ts'
import type { VisibleWebhooks } from '../../http/visible-webhooks.ts'
import { WEBHOOK } from '../../limits.ts'
import { toNewWebhook } from './translate.ts'

/** Null before the first URL. */
export async function findWebhook(
  webhooks: VisibleWebhooks,
  instance: string,
): Promise<WebhookOutline | null> {
  const [webhook = null] = await webhooks.outlines({ uniqueKey: instance }, { limit: 1 })
  return webhook
}

/**
 * Points the instance's webhook at `url`, making it if there is none; null removes it. Throws `invalid`, and `conflict`
 * where another user's stands.
 */
export async function setUrl(
  webhooks: VisibleWebhooks,
  instance: string,
  url: string | null,
): Promise<WebhookOutline | null> {
  for (let tries = 1; ; tries += 1) {
    const present = await findWebhook(webhooks, instance)
    try {
      if (url === null) {
        if (present !== null) await webhooks.delete(present.id)
        return null
      }
      return present === null
        ? await webhooks.create(toNewWebhook(instance, url))
        : await webhooks.update(present.id, () => ({ url }))
    } catch (error) {
      const overtaken = present === null ? 'conflict' : 'not_found'
      const isOvertaken =
        error instanceof EngineError && error.code === overtaken && error.cause !== UNSEEN
      if (!isOvertaken || tries === WEBHOOK.updateTries) throw error
    }
  }
}

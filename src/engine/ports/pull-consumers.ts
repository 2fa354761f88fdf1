// Consumers of webhooks that keep their positions here, as the database has them.

import type { PullConsumer } from '../model/index.ts'
import type { WebhookRef } from './stores.ts'

export interface PullConsumerStore {
  find(ref: WebhookRef, name: string): Promise<PullConsumer | null>
  /** In order of their names. */
  list(ref: WebhookRef): Promise<readonly PullConsumer[]>
  /** Keeps where it stands, forward or back. `full`: it is new, and there are `most` already. Throws `not_found` where the webhook is gone. */
  put(ref: WebhookRef, consumer: PullConsumer, most: number): Promise<'kept' | 'full'>
  /** Whether there was one. */
  delete(ref: WebhookRef, name: string): Promise<boolean>
}

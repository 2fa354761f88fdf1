// Webhooks as a user's key has them: its user's, made in its user's name, and all others unknown.

import { EngineError, notFound, UNSEEN } from '../../errors.ts'
import type { Webhooks } from '../api.ts'
import type { Webhook, WebhookDraft } from '../model/index.ts'
import type { WebhookFilter, WebhookRef } from '../ports/index.ts'
import { isVisible, type Visibility } from './visibility.ts'

/** Every call of `Webhooks`, or it does not compile. */
export function webhooksSeen(all: Webhooks, visibility: Visibility): Webhooks {
  const { tenantId, subject, owners } = visibility
  const within = (filter: WebhookFilter): WebhookFilter => ({ ...filter, tenantId, owners })

  const find = async (ref: WebhookRef): Promise<Webhook | null> => {
    const webhook = await all.find(ref)
    return webhook !== null && isVisible(webhook, visibility) ? webhook : null
  }
  const get = async (ref: WebhookRef): Promise<Webhook> => {
    const webhook = await find(ref)
    if (webhook === null) throw notFound('webhook')
    return webhook
  }
  /** A call about one webhook. Its tenant and its owner never change, so looking first is safe. */
  const known =
    <Rest extends readonly unknown[], Result>(
      call: (ref: WebhookRef, ...rest: Rest) => Promise<Result>,
    ) =>
    async (ref: WebhookRef, ...rest: Rest): Promise<Result> => {
      await get(ref)
      return call(ref, ...rest)
    }

  const isTakenUnseen = async ({ dialect, uniqueKey }: WebhookDraft) => {
    const there = { tenantId, dialect, uniqueKey: uniqueKey ?? undefined }
    const [taken, seen] = await Promise.all([all.count(there), all.count(within(there))])
    return taken > seen
  }

  return {
    async create(_, draft) {
      try {
        return await all.create(tenantId, { ...draft, owner: subject })
      } catch (error) {
        const isConflict = error instanceof EngineError && error.code === 'conflict'
        if (!isConflict || !(await isTakenUnseen(draft))) throw error
        const message = 'This webhook already exists, but this key has no access to it.'
        throw new EngineError('conflict', message, { cause: UNSEEN })
      }
    },
    find,
    get,
    list: (filter, page) => all.list(within(filter), page),
    listOutlines: (filter, page) => all.listOutlines(within(filter), page),
    listIds: (filter) => all.listIds(within(filter)),
    count: (filter) => all.count(within(filter)),
    update: known((ref, change: (current: Webhook) => WebhookDraft) =>
      all.update(ref, (current) => ({ ...change(current), owner: current.owner })),
    ),
    delete: known(all.delete),
    rotateSecret: known(all.rotateSecret),
    resume: known(all.resume),
    verify: known(all.verify),
    skipBlocked: known(all.skipBlocked),
    test: known(all.test),
    example: known(all.example),
    watch() {
      const watch = all.watch(tenantId)
      return {
        async next(since) {
          const step = await watch.next(since)
          if (step.attempts.length === 0) return step
          const ids = new Set(await all.listIds(within({ tenantId })))
          return { ...step, attempts: step.attempts.filter(({ webhookId }) => ids.has(webhookId)) }
        },
      }
    },
    pull: known(all.pull),
    cursorAt: known(all.cursorAt),
    commitPull: known(all.commitPull),
    deletePullConsumer: known(all.deletePullConsumer),
    attempts: known(all.attempts),
    sentRequest: known(all.sentRequest),
    expungeAttempt: known(all.expungeAttempt),
    health: known(all.health),
    activity: known(all.activity),
    diverted: known(all.diverted),
    getDiverted: known(all.getDiverted),
    deleteDiverted: known(all.deleteDiverted),
    resendOneDiverted: known(all.resendOneDiverted),
    resendDiverted: known(all.resendDiverted),
    cancel: known(all.cancel),
    replay: known(all.replay),
  }
}

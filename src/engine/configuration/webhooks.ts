// Configurations: making, reading and changing them, and what may be asked of one.

import { describeError, EngineError, invalid, notFound } from '../../errors.ts'
import { SIGNING } from '../../limits.ts'
import { newId } from '../../primitives/ids.ts'
import { formatTime } from '../../primitives/time.ts'
import { LOG, QUEUE } from '../../tuning.ts'
import type { Webhooks } from '../api.ts'
import { toAttempt } from '../attempt/attempt.ts'
import { failureHandlingOf } from '../attempt/failure-handling.ts'
import { toRequest, unsendableReason } from '../attempt/request.ts'
import { logUnavailable, type Target, toTarget, unavailableReason } from '../attempt/target.ts'
import { suspendsAt } from '../health/health.ts'
import type { JobReceipt, Webhook, WebhookDraft } from '../model/index.ts'
import { FIRST_RUN } from '../model/index.ts'
import type { DivertedQuery, Ports, WebhookRef } from '../ports/index.ts'
import { generateSecret, kindOf, rotate, validateSecret } from '../signing/index.ts'
import { checkHeaders } from './header-policy.ts'

/** The event a test sends when none is named. */
const TEST_EVENT = { type: 'webhook.test', data: '{"message":"This is a test."}' } as const

export function createWebhooks(ports: Ports): Webhooks {
  const { clock, webhooks, monitor, settings } = ports

  const get = async (ref: WebhookRef): Promise<Webhook> => {
    const webhook = await webhooks.find(ref)
    if (webhook === null) throw notFound('webhook')
    return webhook
  }

  const getTarget = async (ref: WebhookRef): Promise<Target> => {
    const [webhook] = await webhooks.findByRef([ref])
    if (webhook === undefined) throw notFound('webhook')
    return toTarget(webhook, ports.dialectRuntimes)
  }

  const update = async (
    ref: WebhookRef,
    change: (current: Webhook) => WebhookDraft,
  ): Promise<Webhook> => {
    // What takes time is done before, because other updates may come between: its targets are those of the request, or
    // the present ones.
    const before = await webhooks.findChangeable(ref)
    if (before === null) throw notFound('webhook')
    const asked = change(before)
    checkDraft(asked, before, ports)
    await checkNewAddresses(asked, before, ports)
    // What failed was the former address; its memory may know of a suspension that the database does not show yet. First, so
    // that the request can be repeated when this cannot be done.
    if (asked.url !== before.url) await resume(ref)
    let isMoved = false
    const updated = await webhooks.update(ref, (current) => {
      const draft = change(current)
      checkDraft(draft, current, ports)
      isMoved = draft.url !== current.url
      const { id, tenantId, suspendedAt, lane, createdAt } = current
      return { ...draft, id, tenantId, suspendedAt, lane, createdAt, updatedAt: clock() }
    })
    if (updated === null) throw notFound('webhook')
    if (updated === 'conflict') throw slotTaken()
    if (!isMoved || updated.suspendedAt === null) return updated
    // Suspended in between, by what was under way to the former address.
    await resume(ref)
    return { ...updated, suspendedAt: null }
  }

  const resume = async ({ tenantId, id }: WebhookRef): Promise<void> => {
    const { state } = await monitor(id).resume(tenantId, id)
    // Refused as unavailable when it cannot be written: asked again, it is.
    await webhooks.setState({ tenantId, id }, state)
  }

  const startResend = async (ref: WebhookRef, query: DivertedQuery): Promise<JobReceipt> => {
    const { tenantId, id: webhookId } = ref
    const createdAt = clock()
    const jobId = newId(createdAt)
    // First: whoever dies between leaves a job that says it was not begun, not one that nobody can find.
    const entry = { id: jobId, kind: 'resend', webhookId, createdAt, progress: null } as const
    await ports.eventLog(tenantId).noteJob(tenantId, entry)
    const queued = await monitor(webhookId).resendDiverted(
      { tenantId, id: webhookId },
      jobId,
      query,
    )
    return { jobId, queued }
  }

  return {
    async create(tenantId, draft) {
      checkDraft(draft, null, ports)
      await checkNewAddresses(draft, null, ports)
      const now = clock()
      const state = { suspendedAt: null, lane: 'fast', createdAt: now, updatedAt: now } as const
      const webhook: Webhook = { ...draft, ...state, id: newId(now), tenantId }
      const inserted = await webhooks.insert(webhook, settings.webhooksPerTenant)
      if (inserted === 'no_tenant') throw notFound('tenant')
      if (inserted === 'full') throw tooMany(settings.webhooksPerTenant)
      if (inserted === 'conflict') throw slotTaken()
      return webhook
    },
    find: (ref) => webhooks.find(ref),
    get,
    list: (filter, page) => webhooks.list(filter, page),
    listOutlines: (filter, page) => webhooks.listOutlines(filter, page),
    listIds: (filter) => webhooks.listIds(filter),
    count: (filter) => webhooks.count(filter),
    update,
    async delete(ref) {
      // Only what is the tenant's own may be announced: its memory will look for that row, and forget when it is not there.
      await get(ref)
      await announceDeletion(ref, ports)
      const deleted = await webhooks.delete(ref)
      if (deleted === null) throw notFound('webhook')
      await purgeOrSend(ref.id, ports)
      return deleted
    },
    async rotateSecret(ref, { secret, gracePeriodSeconds }) {
      const unusable = secret === null ? null : validateSecret(secret)
      if (unusable !== null) throw invalid(['secret'], unusable)
      const fresh = {
        hmac: await generateSecret('hmac'),
        ed25519: await generateSecret('ed25519'),
      } as const
      const updated = await update(ref, (current) => {
        const [present] = current.secrets.signing
        const next = secret ?? fresh[present ? kindOf(present.secret) : 'hmac']
        const rotation = rotate(current.secrets.signing, next, gracePeriodSeconds, clock())
        if (rotation.kind === 'full') throw tooManySecrets(rotation.until)
        return { ...current, secrets: { ...current.secrets, signing: rotation.secrets } }
      })
      const [newest] = updated.secrets.signing
      if (newest === undefined) throw new Error('A rotation left no secret.')
      return newest
    },
    async resume(ref) {
      await get(ref)
      await resume(ref)
    },
    async test(ref, { type, data }) {
      const target = await getTarget(ref)
      logUnavailable(target, ports)
      const at = clock()
      const event = {
        id: newId(at),
        type: type ?? TEST_EVENT.type,
        time: new Date(at).toISOString(),
        data: data ?? TEST_EVENT.data,
        scope: target.webhook.scope,
        actor: null,
        requestId: null,
      }
      const request = await toRequest(event, target, at, ports)
      if (request === null) {
        const what = unsendableReason(event)
        throw new EngineError('invalid', what, { issues: [{ path: ['type'], message: what }] })
      }
      const which = { id: newId(at), eventId: event.id, eventType: event.type, run: FIRST_RUN }
      return toAttempt({ ...which, attempt: 1, at }, await ports.send(request))
    },
    async attempts(ref, query) {
      await get(ref)
      return monitor(ref.id).attempts(query)
    },
    async health(ref) {
      const webhook = await get(ref)
      const report = await monitor(ref.id).health()
      const { suspend } = failureHandlingOf(webhook, ports.dialectRuntimes)
      const rules = { suspend, delayScale: settings.delayScale }
      // Nothing fails where nothing is sent.
      const canFail =
        report.health.suspendedAt === null &&
        unavailableReason(webhook, ports.dialectRuntimes) === null
      return { ...report, suspendsAt: canFail ? suspendsAt(report.health, rules) : null, webhook }
    },
    async diverted(ref, page) {
      await get(ref)
      return monitor(ref.id).diverted(page)
    },
    async getDiverted(ref, eventId) {
      await get(ref)
      const diverted = await monitor(ref.id).findDiverted(eventId)
      if (diverted === null) throw notFound('diverted event')
      return diverted
    },
    async deleteDiverted(ref, eventId) {
      await get(ref)
      if (!(await monitor(ref.id).deleteDiverted(eventId))) throw notFound('diverted event')
    },
    async resendOneDiverted(ref, eventId) {
      await get(ref)
      // Before there is a job: one about nothing is none that anybody was told of.
      if ((await monitor(ref.id).findDiverted(eventId)) === null) throw notFound('diverted event')
      const started = await startResend(ref, { eventId })
      if (started.queued === 0) throw notFound('diverted event')
      return started
    },
    async resendDiverted(ref, query) {
      await get(ref)
      return startResend(ref, query)
    },
    async replay(ref, { since, until, eventTypes: onlyTypes, onlyMissing }) {
      const { id: webhookId, eventTypes, scope } = await get(ref)
      const jobId = newId(clock())
      const answer = await ports.eventLog(ref.tenantId).replay(ref.tenantId, jobId, {
        webhookId,
        eventTypes,
        scope,
        since,
        until: until ?? clock(),
        onlyTypes: onlyTypes ?? undefined,
        onlyMissing,
      })
      if (answer !== 'busy') return { jobId, queued: null }
      const message = `This tenant already has ${LOG.replays} running replays, which is the maximum. Wait for one to finish.`
      throw new EngineError('limit_reached', message)
    },
  }
}

/** So that its memory forgets even if nobody comes back to tell it. One that cannot be reached is told by the queue. */
async function announceDeletion(
  ref: WebhookRef,
  { monitor, log }: Pick<Ports, 'monitor' | 'log'>,
): Promise<void> {
  try {
    await monitor(ref.id).expectDeletion({ tenantId: ref.tenantId, id: ref.id })
  } catch (error) {
    log({ event: 'deletion.unannounced', webhookId: ref.id, error: describeError(error) })
  }
}

/** Has the memory of a deleted webhook forgotten: now, or by the deliveries queue when it cannot be reached now. */
async function purgeOrSend(
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

function slotTaken(): EngineError {
  return new EngineError('conflict', 'This webhook already exists, and only one is allowed.')
}

function tooMany(most: number): EngineError {
  const message = `This tenant already has ${most} webhooks, which is the maximum. Delete one first.`
  return new EngineError('limit_reached', message)
}

function tooManySecrets(until: number | null): EngineError {
  const when = until === null ? '' : ` The first of these expires at ${formatTime(until)}.`
  const message =
    `This webhook already has ${SIGNING.keptSecrets} valid secrets, which is the maximum.${when} Rotate after that, ` +
    'or set "gracePeriodSeconds" to 0 to invalidate the previous secrets now.'
  return new EngineError('limit_reached', message)
}

/**
 * Refuses what no delivery could be made with: targets the address policy forbids, illegal headers, secrets that
 * cannot sign. What was configured before is not asked about again.
 */
function checkDraft(
  draft: WebhookDraft,
  current: Webhook | null,
  { checkTarget }: Pick<Ports, 'checkTarget'>,
): void {
  for (const { path, url } of newTargets(draft, current)) refuse(path, checkTarget(url))
  if (draft.secrets === current?.secrets) return
  refuse(['headers'], checkHeaders(draft.secrets.headers))
  for (const { secret } of draft.secrets.signing) refuse(['secret'], validateSecret(secret))
}

/** The same of targets by what their hosts resolve to, in a deployment that looks that up. */
async function checkNewAddresses(
  draft: WebhookDraft,
  current: Webhook | null,
  { checkAddresses }: Pick<Ports, 'checkAddresses'>,
): Promise<void> {
  if (checkAddresses === undefined) return
  for (const { path, url } of newTargets(draft, current)) refuse(path, await checkAddresses(url))
}

/** The URLs of a draft that requests would go to and that `current` does not have at that place. */
function newTargets(
  { url, failureHandling }: WebhookDraft,
  current: Webhook | null,
): readonly { readonly path: readonly string[]; readonly url: string }[] {
  const alertUrl = failureHandling?.alertUrl ?? null
  const presentAlertUrl = current?.failureHandling?.alertUrl ?? null
  return [
    ...(url === current?.url ? [] : [{ path: ['url'], url }]),
    ...(alertUrl === null || alertUrl === presentAlertUrl
      ? []
      : [{ path: ['failureHandling', 'alertUrl'], url: alertUrl }]),
  ]
}

function refuse(path: readonly string[], why: string | null): void {
  if (why !== null) throw invalid(path, why)
}

// Configurations: making, reading and changing them, and what may be asked of one.

import { describeError, EngineError, invalid, notFound } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { Webhooks } from '../api.ts'
import {
  expressionsOf,
  NO_EXPRESSIONS,
  nextBatching,
  nextOrdering,
  nextPause,
  nextThrottle,
  pinOf,
  type Webhook,
  type WebhookDraft,
  type WebhookNotes,
} from '../model/index.ts'
import type { Monitor, MonitorState, Ports, WebhookRef } from '../ports/index.ts'
import { generateSecret, kindOf, rotate, validateSecret } from '../signing/index.ts'
import { checkDraft, checkNewAddresses } from './check-draft.ts'
import { newestOf, pinned, reshaped } from './pinning.ts'
import { createPulling, refusePull } from './pull.ts'
import { alreadyExists, tooMany, tooManySecrets } from './refusals.ts'
import { createRequests } from './sent-request.ts'
import { askReceiver, nextVerification } from './verification.ts'
import { announceDeletion, purgeOrSend } from './webhook-deletion.ts'
import { createWebhookLog } from './webhook-log.ts'

const NO_NOTES: WebhookNotes = { uid: null, description: null, metadata: {}, channels: [] }

export function createWebhooks(ports: Ports): Webhooks {
  const { clock, log, webhooks, monitor, eventLog, settings } = ports

  const get = async (ref: WebhookRef): Promise<Webhook> => {
    const webhook = await webhooks.find(ref)
    if (webhook === null) throw notFound('webhook')
    return webhook
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
    // What failed was the former address; its monitor may know of a suspension that the database does not show yet. First, so
    // that the request can be repeated when this cannot be done.
    if (asked.url !== before.url) await resume(ref)
    let isMoved = false
    let isAsked = false
    let [tellsPause, tellsThrottle, tellsOrdering, tellsBatching] = [false, false, false, false]
    const updated = await webhooks.update(ref, (current) => {
      const draft = change(current)
      checkDraft(draft, current, ports)
      isMoved = draft.url !== current.url
      const { version = pinOf(current), paused, rate, order, batch, expressions, ...rest } = draft
      const { verificationMethod, pull: _, ...decided } = rest
      tellsThrottle = rate !== undefined
      tellsOrdering = order !== undefined
      tellsBatching = batch !== undefined
      const { id, tenantId, suspendedAt, lane, createdAt } = current
      const { uid, description, metadata, channels } = current
      const now = clock()
      const pins = pinned(current.pins, version, now)
      const asked = { ...expressionsOf(current), ...expressions, name: draft.name }
      const shapes = reshaped(current.shapes ?? [], asked, now)
      const verification = nextVerification(current.verification, verificationMethod, isMoved)
      isAsked = verification !== null && verification !== current.verification
      const unverified = verification?.verifiedAt === null
      const pause = nextPause(current.pause, { owner: paused ?? undefined, unverified }, now)
      tellsPause = paused !== undefined || pause !== current.pause
      const known = current.throttle ?? null
      const throttle = rate === undefined ? known : nextThrottle(known, rate, now)
      const before = current.ordering ?? null
      const ordering = order === undefined ? before : nextOrdering(before, order, now)
      const former = current.batching ?? null
      const batching = batch === undefined ? former : nextBatching(former, batch, now)
      const notes = { uid, description, metadata, channels }
      return {
        ...notes,
        ...decided,
        id,
        tenantId,
        pins,
        shapes,
        pause,
        ...(throttle && { throttle }),
        ...(ordering && { ordering }),
        ...(batching && { batching }),
        verification,
        suspendedAt,
        lane,
        createdAt,
        updatedAt: now,
      }
    })
    if (updated === null) throw notFound('webhook')
    if (updated === 'conflict') throw alreadyExists()
    // Also where that is nothing new: whoever told its monitor before may not have come to it.
    const { pause, throttle = null, ordering = null, batching = null } = updated
    if (tellsPause && pause !== null) await note(ref, (monitor) => monitor.notePause(pause))
    if (tellsThrottle && throttle !== null)
      await note(ref, (monitor) => monitor.noteRate({ throttle }))
    if (tellsOrdering && ordering !== null)
      await note(ref, (monitor) => monitor.noteOrdering(ordering))
    if (tellsBatching && batching !== null)
      await note(ref, (monitor) => monitor.noteBatching(batching))
    // Suspended in between, by what was under way to the former address.
    const isResumed = isMoved && updated.suspendedAt !== null
    if (isResumed) await resume(ref)
    const present = isResumed ? { ...updated, suspendedAt: null } : updated
    return isAsked ? verified(present) : present
  }

  /** Asks the receiver of a webhook, and stores what it says, unless somebody has it asked something else meanwhile. */
  const verified = async (webhook: Webhook): Promise<Webhook> => {
    const { url, verification: asked } = webhook
    if (!asked) return webhook
    const { verification, allowedPerMinute } = await askReceiver(webhook, asked.method, ports)
    const ref = { tenantId: webhook.tenantId, id: webhook.id }
    let isMeant = false
    const updated = await webhooks.update(ref, (current) => {
      isMeant = current.url === url && current.verification?.method === asked.method
      if (!isMeant) return current
      const unverified = verification.verifiedAt === null
      const pause = nextPause(current.pause, { unverified }, clock())
      return { ...current, verification, pause }
    })
    if (updated === null || updated === 'conflict') throw notFound('webhook')
    if (!isMeant) return updated
    const { pause } = updated
    if (pause !== null) await note(ref, (monitor) => monitor.notePause(pause))
    if (allowedPerMinute !== undefined)
      await note(ref, (monitor) => monitor.noteRate({ allowedPerMinute }))
    return updated
  }

  const resume = async ({ tenantId, id }: WebhookRef): Promise<void> => {
    const { state } = await monitor(id).resume(tenantId, id)
    // Refused as unavailable when it cannot be written: asked again, it is.
    await webhooks.setState({ tenantId, id }, state)
    await eventLog(tenantId).noteState(id, state)
  }

  /** Its monitor learns of a pause, or a rate, from whatever comes for the webhook; of the end of one it must be told. */
  const note = async (
    { tenantId, id }: WebhookRef,
    tell: (monitor: Monitor) => Promise<MonitorState>,
  ): Promise<void> => {
    const state = await tell(monitor(id))
    await eventLog(tenantId).noteState(id, state)
  }

  return {
    async create(tenantId, draft) {
      checkDraft(draft, null, ports)
      await checkNewAddresses(draft, null, ports)
      const {
        version: asked,
        paused = false,
        rate = null,
        order = null,
        batch = null,
        expressions,
        ...rest
      } = draft
      const { verificationMethod = null, pull: _, ...decided } = rest
      const version = asked === undefined ? await newestOf(ports) : asked
      const now = clock()
      const state = { suspendedAt: null, lane: 'fast', createdAt: now, updatedAt: now } as const
      const pins = version === null ? [] : [{ version, since: now }]
      // They count for older events as well, which a replay sends.
      const shapes = reshaped([], { ...NO_EXPRESSIONS, ...expressions, name: draft.name }, 0)
      const verification = nextVerification(null, verificationMethod, true)
      const unverified = verification !== null
      const pause = nextPause(null, { owner: paused, unverified }, now)
      const throttle = nextThrottle(null, rate, now)
      const ordering = nextOrdering(null, order, now)
      const batching = nextBatching(null, batch, now)
      const webhook: Webhook = {
        ...{ ...NO_NOTES, ...decided, ...state, pins, shapes, pause },
        ...(throttle && { throttle }),
        ...(ordering && { ordering }),
        ...(batching && { batching }),
        ...(verification && { verification }),
        ...{ id: newId(now), tenantId },
      }
      const inserted = await webhooks.insert(webhook, settings.webhooksPerTenant)
      if (inserted === 'no_tenant') throw notFound('tenant')
      if (inserted === 'full') throw tooMany(settings.webhooksPerTenant)
      if (inserted === 'conflict') throw alreadyExists()
      try {
        return await verified(webhook)
      } catch (error) {
        // It exists, and its secret is told this once; its receiver can be asked again.
        log({ event: 'verification.unwritten', webhookId: webhook.id, error: describeError(error) })
        return webhook
      }
    },
    find: (ref) => webhooks.find(ref),
    get,
    list: (filter, page) => webhooks.list(filter, page),
    listOutlines: (filter, page) => webhooks.listOutlines(filter, page),
    listIds: (filter) => webhooks.listIds(filter),
    count: (filter) => webhooks.count(filter),
    update,
    async delete(ref) {
      // Only what is the tenant's own may be announced: its monitor will look for that row, and forget when it is not there.
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
      refusePull(await get(ref))
      await resume(ref)
    },
    async verify(ref) {
      const webhook = await get(ref)
      if (!webhook.verification)
        throw new EngineError('conflict', 'The webhook has no verification: nobody is to be asked.')
      return verified(webhook)
    },
    ...createPulling(ports),
    async skipBlocked(ref, key) {
      await get(ref)
      if (!(await monitor(ref.id).skipBlocked(key))) throw notFound('blocked key')
    },
    ...createRequests(ports),
    ...createWebhookLog(ports, get),
  }
}

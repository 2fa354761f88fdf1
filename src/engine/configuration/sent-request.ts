// What an attempt sent, made once more from the event and the webhook: nothing of it is kept but the attempt itself.

import { EngineError, notFound } from '../../errors.ts'
import { PAGE } from '../../limits.ts'
import type { SentRequest, Webhooks } from '../api.ts'
import { toRequestOf } from '../attempt/joint-request.ts'
import { toTarget } from '../attempt/target.ts'
import { StepBudget } from '../expressions/step-budget.ts'
import {
  type Attempt,
  type HttpSignature,
  isExpunged,
  type LoggedEvent,
  shapeFor,
} from '../model/index.ts'
import type { Ports, WebhookRef, Wire } from '../ports/index.ts'
import { headersOfSignature } from '../signing/index.ts'
import { listAttempts } from './attempt-list.ts'
import { exampleFor, sendTest } from './send-test.ts'

/** What an owner asks about single requests to a webhook. */
export function createRequests(ports: Ports): Pick<Webhooks, 'test' | 'example' | 'sentRequest'> {
  return {
    test: (ref, event) => sendTest(ref, event, ports),
    example: (ref, asked) => exampleFor(ref, asked, ports),
    sentRequest: (ref, attempt) => rebuildRequest(ref, attempt, ports),
  }
}

/**
 * Throws `not_found` for a webhook, an attempt or an event that there is not (any more), `conflict` where the content was expunged or no
 * request can express the event now, and `unavailable` as `toRequest` does.
 */
async function rebuildRequest(
  ref: WebhookRef,
  which: Pick<Attempt, 'id' | 'eventId'>,
  ports: Ports,
): Promise<SentRequest> {
  const [webhook] = await ports.webhooks.findByRef([ref])
  if (webhook === undefined) throw notFound('webhook')
  const attempt = await findAttempt(ref, which, ports)
  if (attempt === null) throw notFound('attempt')
  const { batchId } = attempt
  const ids = batchId === undefined ? [attempt.eventId] : await eventsOf(ref, attempt, ports)
  const events = await Promise.all(ids.map((id) => contentOf(ref, id, ports)))
  const [event] = events
  if (event === undefined) throw notFound('attempt')
  const target = toTarget(webhook, ports)
  const build = async (at: number) => {
    const shaping = { steps: new StepBudget(), isChosen: true, hidesSecrets: true } as const
    const told = { id: batchId ?? event.id, events, isJoint: batchId !== undefined }
    const prepared = await toRequestOf(told, target, at, shaping, ports)
    if (prepared.kind !== 'request') {
      const what = prepared.kind === 'unsendable' ? prepared.reason : 'Nothing is sent.'
      throw new EngineError('conflict', what)
    }
    const { request } = prepared
    const shaped = Object.keys(shapeFor(event.id, webhook)?.headers ?? {})
    const kindOf = withOwn(
      webhook.httpSignature,
      kindsOfHeaders(target.dialectRuntime?.wire, webhook.secrets.headers, shaped),
    )
    const { openHeaders = [] } = request
    const kindIn = (name: string) =>
      openHeaders.includes(name.toLowerCase()) ? 'open' : kindOf(name)
    const headers = request.headers.map(([name, value]) => ({ name, value, kind: kindIn(name) }))
    return { url: request.url, headers, body: request.body }
  }
  return {
    asSent: await build(attempt.at),
    asSentNow: await build(ports.clock()),
    webhookChangedAt: webhook.updatedAt > attempt.at ? webhook.updatedAt : null,
  }
}

/** Throws `not_found` and `conflict` where what was sent of an event is not known any more. */
async function contentOf({ tenantId }: WebhookRef, id: string, ports: Ports): Promise<LoggedEvent> {
  const event = await ports.eventLog(tenantId).find(id)
  if (event === null) {
    throw new EngineError(
      'not_found',
      'The event is not kept any more, and so what was sent is not known.',
    )
  }
  if (isExpunged(event)) {
    throw new EngineError(
      'conflict',
      'The content of the event was expunged: what was sent is not known any more.',
    )
  }
  return event
}

/** The ids of the events that a request told of, in their order: ids are in that of acceptance. */
async function eventsOf(
  ref: WebhookRef,
  { batchId, at }: Attempt,
  ports: Ports,
): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const query = { after: at - 1, before: at + 1, limit: PAGE.maxLimit, cursor }
    const page = await listAttempts(ref, query, ports)
    ids.push(...page.items.filter((one) => one.batchId === batchId).map(({ eventId }) => eventId))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return ids.toSorted()
}

async function findAttempt(
  ref: WebhookRef,
  { id, eventId }: Pick<Attempt, 'id' | 'eventId'>,
  ports: Ports,
): Promise<Attempt | null> {
  let cursor: string | undefined
  do {
    const page = await listAttempts(ref, { eventId, limit: PAGE.maxLimit, cursor }, ports)
    const found = page.items.find((attempt) => attempt.id === id)
    if (found !== undefined) return found
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return null
}

type HeaderKind = SentRequest['asSent']['headers'][number]['kind']

/** What may be shown of which header: of one that is not known to be open, nothing. */
function kindsOfHeaders(
  {
    headerPrefixes = [],
    signatureHeaders = [],
  }: Pick<Wire, 'headerPrefixes' | 'signatureHeaders'> = {},
  custom: readonly (readonly [name: string, value: string])[],
  shaped: readonly string[],
): (name: string) => HeaderKind {
  const prefixes = ['webhook-', ...headerPrefixes]
  const open = [
    'content-type',
    'user-agent',
    ...named(prefixes, 'id'),
    ...named(prefixes, 'timestamp'),
  ]
  const signatures = [...named(prefixes, 'signature'), ...signatureHeaders]
  const byName = new Map<string, HeaderKind>([
    ...open.map((name) => [name, 'open'] as const),
    ...signatures.map((name) => [name, 'signature'] as const),
  ])
  // Whatever its owner set is a secret, a user agent too; but no owner sets what the webhook's surface does.
  const isStandard = (name: string) => prefixes.some((prefix) => name.startsWith(prefix))
  for (const [name] of custom) {
    const lower = name.toLowerCase()
    if (!isStandard(lower)) byName.set(lower, 'secret')
  }
  // What expressions made has no secret in it that is not hidden. Where they make nothing, an owner's header of that name is sent.
  for (const name of shaped) {
    const lower = name.toLowerCase()
    if (byName.get(lower) !== 'secret') byName.set(lower, 'open')
  }
  return (name) => byName.get(name.toLowerCase()) ?? 'secret'
}

/** The same, and of the headers of an HTTP signature, which are nobody else's. */
function withOwn(
  httpSignature: HttpSignature | null | undefined,
  kindOf: (name: string) => HeaderKind,
): (name: string) => HeaderKind {
  if (!httpSignature) return kindOf
  const own = headersOfSignature(httpSignature)
  return (name) => {
    if (name === 'signature') return 'signature'
    return own.has(name) ? 'open' : kindOf(name)
  }
}

const named = (prefixes: readonly string[], what: string) =>
  prefixes.map((prefix) => `${prefix}${what}`)

// What producers send becomes drafts. In: JSON text from whichever door; out: validated events whose payloads are
// still the text they came as. Next: publish.

import type { z } from 'zod'
import { EngineError, formatPath, type Issue } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { byteLength } from '../../primitives/framed-json.ts'
import { childrenOf, memberText, parseStrictJson, rootOffset } from '../../primitives/json-text.ts'
import { formatTime } from '../../primitives/time.ts'
import { checkInput, invalidInput, toIssues } from '../../primitives/validate.ts'
import {
  type AddressedDraft,
  compareVersions,
  type EventDraft,
  toTraceContext,
} from '../model/index.ts'
import { AddressedEventInput, EventInput, goodScope } from './event-input.ts'

type DraftWithoutData = Omit<EventDraft, 'data' | 'versions'>

/** One event as its producer understands it: what it says, or what is wrong with it. */
export type ParsedEvent<Draft extends EventDraft = EventDraft> =
  | { readonly draft: Omit<Draft, 'data' | 'versions'> }
  | { readonly issues: readonly Issue[] }

/**
 * The drafts in the JSON text of one event or an array of them, all or none. Throws `malformed`, `invalid` or
 * `too_large`, whose issues begin with the index of the event when the text is an array.
 */
export function parseDrafts(text: string): EventDraft[] {
  return readDrafts(text, readEvent)
}

/** The same, where each event may name its tenant. */
export function parseAddressedDrafts(text: string): AddressedDraft[] {
  return readDrafts(text, readAddressedEvent)
}

function readAddressedEvent(value: unknown): ParsedEvent<AddressedDraft> {
  const result = readInput(AddressedEventInput, value)
  if (!result.success) return { issues: toIssues(result.error) }
  const { tenant, createTenant, ...event } = result.data
  return { draft: { ...toDraft(event), tenant, createTenant } }
}

function readEvent(value: unknown): ParsedEvent {
  const result = readInput(EventInput, value)
  return result.success ? { draft: toDraft(result.data) } : { issues: toIssues(result.error) }
}

/** What the schema makes of it. A good scope need not be looked at by the schema, which takes its time. */
function readInput<Input extends EventInput>(schema: z.ZodType<Input>, value: unknown) {
  const scope = typeof value === 'object' && value && 'scope' in value && goodScope(value.scope)
  if (!scope) return checkInput(schema, value)
  const result = checkInput(schema, { ...value, scope: undefined })
  if (result.success) result.data.scope = scope
  return result
}

/** What a producer said as the model has it, payload aside. */
function toDraft(input: EventInput): DraftWithoutData {
  return {
    type: input.type,
    deduplicationKey: input.id ?? null,
    time: input.time === undefined ? null : formatTime(input.time),
    scope: input.scope ?? {},
    ...(input.channels?.length && { channels: input.channels }),
    ...(input.tags?.length && { tags: input.tags }),
    actor: input.actor ?? null,
    requestId: input.requestId ?? null,
    ...traceOf(input),
    ...(input.retentionDays !== undefined && { retentionDays: input.retentionDays }),
    ...(input.deliverAt !== undefined && { deliverAt: input.deliverAt }),
  }
}

/** The trace that an event names, where it does. */
export function traceOf(named: {
  readonly traceparent?: string | undefined
  readonly tracestate?: string | undefined
}): Pick<EventDraft, 'trace'> {
  const trace = toTraceContext(named.traceparent, named.tracestate)
  return trace === null ? {} : { trace }
}

/**
 * Like `parseDrafts`, for events in another envelope whose payload is the member `data` as well, and where the
 * envelope says whether there is one event or an array.
 */
export function readDrafts<Draft extends EventDraft>(
  text: string,
  read: (event: unknown) => ParsedEvent<Draft>,
  expected: 'one' | 'batch' | 'either' = 'either',
): (Omit<Draft, 'data' | 'versions'> & Pick<EventDraft, 'data' | 'versions'>)[] {
  const root = parseStrictJson(text, { members: PUBLISH.members, elements: PUBLISH.events })
  const isBatch = Array.isArray(root)
  if (expected === (isBatch ? 'one' : 'batch')) {
    const message = isBatch ? 'Expected one event.' : 'Expected an array of events.'
    throw invalidInput([{ path: [], message }])
  }
  const values: readonly unknown[] = isBatch ? root : [root]
  if (values.length === 0 || values.length > PUBLISH.events) {
    throw invalidInput([{ path: [], message: `Expected 1 to ${PUBLISH.events} events.` }])
  }
  const begin = rootOffset(text)
  const spans = isBatch
    ? [...childrenOf(text, begin)]
    : [{ start: begin, end: text.trimEnd().length }]
  const pathOf = (index: number): Issue['path'] => (isBatch ? [index] : [])
  checkSizes(
    spans.map(({ start, end }) => text.slice(start, end)),
    pathOf,
  )

  const drafts: ReturnType<typeof readDrafts<Draft>> = []
  const issues: Issue[] = []
  for (const [index, { start }] of spans.entries()) {
    const reading = read(values[index])
    if ('issues' in reading) {
      issues.push(
        ...reading.issues.map(({ path, message }) => ({
          path: [...pathOf(index), ...path],
          message,
        })),
      )
      continue
    }
    drafts.push({ ...reading.draft, ...dataIn(text, start) })
  }
  if (issues.length > 0) throw invalidInput(issues)
  return drafts
}

/** The payload of an event that was read as valid, cut out as text: `data`, or that of each version. */
function dataIn(text: string, event: number): Pick<EventDraft, 'data' | 'versions'> {
  const data = memberText(text, event, 'data')
  if (data !== null && data !== 'null') return { data }
  const byVersion = memberText(text, event, 'versions') ?? '{}'
  const texts = new Map(
    [...childrenOf(byVersion, 0)].map(({ name, start, end }) => [
      name ?? '',
      byVersion.slice(start, end),
    ]),
  )
  const versions = [...texts]
    .map(([version, data]) => ({ version, data }))
    .toSorted((one, other) => compareVersions(other.version, one.version))
  const [newest] = versions
  if (newest === undefined) throw new Error('An event that was read as valid has no data.')
  return { data: newest.data, versions }
}

/** Throws `too_large`, naming the first event that is. */
export function checkSizes(
  events: readonly string[],
  pathOf: (index: number) => Issue['path'],
): void {
  const message = `An event may have at most ${PUBLISH.eventBytes} bytes of JSON.`
  const issues = events.flatMap((event, index) =>
    // At most three bytes a character: what is short need not be counted.
    event.length * 3 > PUBLISH.eventBytes && byteLength(event) > PUBLISH.eventBytes
      ? [{ path: pathOf(index), message }]
      : [],
  )
  const [first] = issues
  if (first === undefined) return
  const where = first.path.length === 0 ? 'The event' : `The event ${formatPath(first.path)}`
  throw new EngineError('too_large', `${where} is too large. ${message}`, { issues })
}

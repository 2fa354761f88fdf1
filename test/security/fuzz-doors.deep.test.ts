// The doors that are no HTTP: messages of both queues and their dead-letter queues, and RPC. Whatever comes, no
// consumer crashes, nothing blocks, and what cannot be read is kept for a person.

import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { EventInput } from '../../src/engine/intake/event-input.ts'
import { fromSchema } from './fuzz/from-schema.ts'
import { hostileText } from './fuzz/hostile-json.ts'
import { literal, type Node } from './fuzz/json-node.ts'
import { SEED } from './fuzz/run.ts'
import { type Party, World } from './fuzz/world.ts'

/** Of a queue's messages so many come in one batch. */
const RUNS = { queue: 400, batch: 5, rpc: 300 }
const numRuns = (runs: number) => Number(env.FUZZ_RUNS || runs)

let world: World
let me: Party

beforeAll(async () => {
  const begun = await World.begin({ webhooks: 1 })
  world = begun.world
  me = begun.me
}, 60_000)

const event = fromSchema(EventInput, { words: {} })

const object = (members: readonly (readonly [string, Node])[]): Node => ({
  kind: 'object',
  members,
})

/** What another Worker may send (docs/contracts/native.md, "RPC and queue"). */
const foreign = () =>
  fc.array(event, { minLength: 1, maxLength: 3 }).map((events) =>
    object([
      ['v', literal(1)],
      ['tenantId', literal(me.tenantId)],
      ['events', { kind: 'array', items: events }],
    ]),
  )

/** The first line of what Hookline sends itself. */
const ownEvents = () =>
  fc.constant(
    object([
      ['tenantId', literal(me.tenantId)],
      ['ask', literal(true)],
      [
        'events',
        {
          kind: 'array',
          items: [
            object([
              ['id', literal(me.eventId)],
              ['type', literal('a')],
              ['time', literal('2026-11-22T10:00:00.000Z')],
              ['data', literal(2)],
              ['scope', object([['data', literal(1)]])],
              ['actor', literal(null)],
              ['requestId', literal(null)],
            ]),
          ],
        },
      ],
    ]),
  )

const ownDelivery = () =>
  fc.constantFrom('deliver', 'other').map((kind) =>
    object([
      ['kind', literal(kind)],
      ['tenantId', literal(me.tenantId)],
      ['webhookId', literal(me.webhookIds.get('native'))],
      ['run', literal('first')],
      [
        'event',
        object([
          ['id', literal(me.eventId)],
          ['type', literal('a')],
          ['time', literal('2026-11-22T10:00:00.000Z')],
          ['data', literal(2)],
          ['scope', object([])],
          ['actor', literal(null)],
          ['requestId', literal(null)],
        ]),
      ],
      ['attempts', literal(0)],
      ['standing', literal('sole')],
    ]),
  )

const framed = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(text, fc.constantFrom('{}', '{}x', '', '\n', '{}"', '\u0000'))
    .map(([line, rest]) => `frame/1 ${line}\n${rest}`)

/** What `structuredClone` takes and JSON does not have, and what a queue of bytes brings. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    5,
    10n ** 30n,
    Number.NaN,
    new Date(Number.NaN),
    new Map([['v', 1]]),
    new Uint8Array([0xff, 0xfe, 0]),
    new ArrayBuffer(3),
    [[[]]],
    '\ud800',
    /x/,
    new Error('x'),
    'x'.repeat(120_000),
    { v: 1, tenantId: '\u0000', events: [{ type: 'a', data: { x: 1n } }] },
    { v: 1, tenantId: 'x', events: new Array(1_000_000) },
  ),
  fc.constantFrom<unknown>(
    named('circular', circular),
    named('1,500 levels deep', () => deep(1_500)),
    named('four billion events', () => ({ v: 1, tenantId: 'x', events: new Array(4e9) })),
    named('one event in a billion places', () => ({ v: 1, tenantId: 'x', events: doubled(30) })),
  ),
  fc.object({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
)

/** What cannot be shown when it fails: made when it is sent. */
function named(name: string, make: () => unknown): () => unknown {
  return Object.assign(() => make(), { [fc.toStringMethod]: () => name })
}
const made = (value: unknown): unknown => (typeof value === 'function' ? value() : value)

function circular(): unknown {
  const events: unknown[] = []
  events.push(events)
  return { v: 1, tenantId: me.tenantId, events }
}

/** A few bytes to `structuredClone`; as JSON, gigabytes. */
function doubled(times: number): unknown {
  let inner: unknown = { type: 'a', data: {} }
  for (let time = 0; time < times; time += 1) inner = [inner, inner]
  return inner
}

function deep(levels: number): unknown {
  let inner: unknown = {}
  for (let level = 0; level < levels; level += 1) inner = { a: inner }
  return { v: 1, tenantId: me.tenantId, events: [{ type: 'a', data: inner }] }
}

/** As JSON text, and as the object that `send()` makes of it where it is one. */
const asSent = (text: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc
    .tuple(text, fc.boolean())
    .map(([body, parsed]) =>
      parsed ? named(`the JSON ${body.slice(0, 1_000)}`, () => parseOr(body)) : body,
    )

/** The value of a JSON text; the text itself where there is none, or none that can travel. */
function parseOr(text: string): unknown {
  try {
    return structuredClone(JSON.parse(text))
  } catch {
    return text
  }
}

const QUEUES = [
  'hookline-accepted',
  'hookline-accepted-dead',
  'hookline-events',
  'hookline-deliveries',
  'hookline-slow',
  'hookline-events-dead',
  'hookline-deliveries-dead',
]

/** Frames are Hookline's own: a forged one may come again and again, until it is dead, but disturbs no other. */
const mayComeAgain = (message: unknown) =>
  typeof message === 'string' && message.startsWith('frame/1 {"kind"')

describe.each(QUEUES.map((queue) => [queue]))('the queue %s', (queue) => {
  it(`takes ${RUNS.queue} hostile messages`, async ({ task }) => {
    const ours = queue.includes('events') ? ownEvents() : ownDelivery()
    const body = fc.oneof(
      { weight: 4, arbitrary: asSent(hostileText(foreign())) },
      { weight: 3, arbitrary: framed(hostileText(ours)) },
      { weight: 1, arbitrary: strange },
    )
    const counts = { acked: 0, kept: 0, again: 0 }
    const batch = fc.array(body, { minLength: RUNS.batch, maxLength: RUNS.batch })
    const property = fc.asyncProperty(batch, async (sent) => {
      world.forget()
      const messages = sent.map(made)
      const verdicts = await world.consume(queue, [...messages, 'a neighbour'])
      const { explicitAcks, retryMessages } = verdicts
      const log = world.logged()
      const allowed = messages.filter(mayComeAgain).length
      expect(retryMessages.length, log.join('\n')).toBeLessThanOrEqual(allowed)
      expect(explicitAcks.length + retryMessages.length).toBe(messages.length + 1)
      counts.acked += explicitAcks.length
      counts.again += retryMessages.length
      counts.kept += log.filter((line) => line.includes('"message.kept"')).length
      world.sent.length = 0
    })
    const batches = Math.ceil(numRuns(RUNS.queue) / RUNS.batch)
    await fc.assert(property, { numRuns: batches, seed: SEED })
    task.meta.counted = `${queue}: ${counts.acked + counts.again} messages (seed ${SEED}), ${counts.kept} kept as dead letters, ${counts.again} forged ones come again, none lost or in another's way`
  }, 600_000)
})

describe('RPC publish', () => {
  it(`answers or says what is wrong ${RUNS.rpc} times`, async ({ task }) => {
    const published = fc.oneof(
      {
        weight: 3,
        arbitrary: hostileText(event).map((text) =>
          named(`the JSON ${text.slice(0, 1_000)}`, () => parseOr(text)),
        ),
      },
      { weight: 1, arbitrary: strange },
    )
    const tenant = fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<unknown>(
          '',
          'x',
          5,
          {},
          [],
          undefined,
          '\u0000',
          '__proto__',
          1n,
          'x'.repeat(100_000),
        ),
      },
    )
    let accepted = 0
    let refused = 0
    const property = fc.asyncProperty(published, tenant, async (events, tenantId) => {
      world.forget()
      try {
        const { Publisher } = await import('../../src/worker.ts')
        const publisher = new Publisher(createExecutionContext(), env)
        const answer = await publisher.publish((tenantId ?? me.tenantId) as string, made(events))
        expect(answer.events.length).toBeGreaterThan(0)
        accepted += 1
      } catch (error) {
        expect(error).toMatchObject({ name: 'EngineError' })
        expect((error as { code: string }).code).toMatch(
          /^(?:malformed|invalid|too_large|not_found|conflict)$/,
        )
        refused += 1
      }
    })
    await fc.assert(property, { numRuns: numRuns(RUNS.rpc), seed: SEED })
    task.meta.counted = `RPC publish: ${accepted + refused} calls (seed ${SEED}), ${accepted} accepted, ${refused} refused in words`
  }, 600_000)
})

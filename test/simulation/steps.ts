// The steps a history is made of, how often each comes, and how each reads.

import fc from 'fast-check'
import { DEFAULT_FAILURE_HANDLING } from '../../src/engine/attempt/failure-handling.ts'
import type { FailureHandling, VerificationMethod } from '../../src/engine/model/index.ts'
import type { Agreement } from '../fakes/handshakes.ts'
import type { Fault, QueueName, ReceiverBehaviour } from '../fakes/world.ts'
import { BATCHES } from './batches.ts'
import { ORDERS } from './orders.ts'
import { RATES } from './rates.ts'
import { SHAPES } from './shapes.ts'

export const TYPES = ['order.paid', 'order.lost', 'user.new'] as const
/** What events of the last type are about. */
export const SCOPE = { user: 'grace' } as const
export const PATTERNS = ['order.paid', 'order.*', '*', 'user.new', 'webhook.*'] as const

/** More than may sign at once. */
export const SECRETS = [
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  'whsec_GkZ5qTbnV0yYyn0IyLrGfqJ0hHhNjOHq',
  ...Array.from({ length: 9 }, (_, n) => `whsec_${btoa(`secret number ${n} of the model`)}`),
]

const base = DEFAULT_FAILURE_HANDLING

export const POLICIES: readonly FailureHandling[] = [
  base,
  {
    ...base,
    triggers: ['4xx', '5xx', 'timeout'],
    retry: { type: 'schedule', delaysSeconds: [5] },
    suspend: { afterSeconds: 0, afterFailures: 2 },
  },
  { ...base, retry: null, divert: false, suspend: null },
  {
    ...base,
    retry: { type: 'linear', intervalSeconds: 10, attempts: 2 },
    suspend: { afterSeconds: 60, afterFailures: 2 },
  },
  {
    ...base,
    triggers: ['5xx', 'timeout'],
    retry: { type: 'exponential', intervalSeconds: 5, attempts: 4 },
    suspend: { afterSeconds: 60, afterFailures: 1 },
  },
  {
    ...base,
    triggers: [404, '3xx', 500],
    retry: { type: 'schedule', delaysSeconds: [5, 60] },
    divert: false,
    suspend: { afterSeconds: 0, afterFailures: 1 },
  },
  {
    ...base,
    triggers: [410, '4xx', '5xx', 'timeout'],
    retry: { type: 'linear', intervalSeconds: 30, attempts: 1 },
    suspend: null,
  },
]

/** What may be out of reach for a while: the ports by which it is reached. */
const COMPONENTS = {
  monitors: ['monitor'],
  logs: ['eventLog'],
  database: ['webhooks'],
  'events queue': ['events'],
  'deliveries queue': ['deliveries'],
} as const satisfies Record<string, readonly string[]>
export type Component = keyof typeof COMPONENTS

export const portsOf = (component: Component): readonly string[] => COMPONENTS[component]

const webhook = fc.nat({ max: 3 })
const index = fc.nat({ max: 5 })
const pattern = fc.nat({ max: PATTERNS.length - 1 })
const policy = fc.nat({ max: POLICIES.length - 1 })
const queue = fc.constantFrom<QueueName>('events', 'deliveries')
const behaviour = fc.constantFrom<ReceiverBehaviour>(
  ...(['ok', 'ok', 'error', 'error', 'silent', 'slow', 'hanging', 'gone', 'missing'] as const),
  ...(['moved', 'odd', 'switching', 'busy', 'closing', 'absurd', 'choosy'] as const),
)
const fault = fc.record<Fault>({
  call: fc.integer({ min: 1, max: 4 }),
  mode: fc.constantFrom('before', 'after', 'hang', 'die'),
  // Not the receivers: what they do is a matter of behaviour.
  port: fc.constantFrom('monitor', 'eventLog', 'deliveries', 'events', 'webhooks', 'objects'),
})

const publishFault = fc.oneof(
  fc.record<Fault>({
    call: fc.integer({ min: 1, max: 4 }),
    mode: fc.constantFrom('before', 'after', 'hang', 'die'),
    port: fc.constantFrom('monitor', 'eventLog', 'eventLog', 'deliveries', 'events', 'objects'),
  }),
  // Of the receivers only that whoever called them is heard of no more: what else they do is a matter of behaviour.
  fc.record<Fault>({
    call: fc.integer({ min: 1, max: 6 }),
    mode: fc.constantFrom('hang', 'die'),
    port: fc.constantFrom('', 'send'),
  }),
)

const shape = fc.nat({ max: SHAPES.length - 1 })
const agreement = fc.constantFrom<Agreement>('yes', 'no', 'no', 'down')
const method = fc.constantFrom<VerificationMethod>('challenge', 'cloudevents')

/** Each step's weight and fields: publishing, batches and misbehaviour come more often than administration. */
const STEPS = {
  create: [3, { pattern, policy, mute: fc.boolean(), shape: fc.constantFrom(0, 0, 1, 2, 2, 3) }],
  /** One whose receiver is asked; a stubborn one will never agree by itself. */
  createGuarded: [
    1,
    {
      ...{ pattern, policy, method, agreement },
      stubborn: fc.constantFrom(false, false, false, true),
    },
  ],
  move: [1, { webhook }],
  /** Its receiver is to be asked, or is not any more. */
  guard: [
    1,
    {
      ...{ webhook, agreement, fault: fc.option(fault) },
      method: fc.constantFrom<VerificationMethod | null>('challenge', 'cloudevents', null),
    },
  ],
  /** Its receiver is asked once more. */
  verify: [1, { webhook, agreement, fault: fc.option(fault) }],
  /** Several events, a retry among them, for one whose receiver does not agree at another address. */
  estrange: [1, { webhook, method, behaviour, type: fc.nat({ max: 2 }) }],
  /** Its expressions become others. */
  reshape: [1, { webhook, shape, fault: fc.option(fault) }],
  /** They do between an event that its receiver answers so, and another one. */
  recast: [2, { webhook, shape, behaviour, type: fc.nat({ max: 2 }), fault: fc.option(fault) }],
  retype: [1, { webhook, pattern }],
  reconsider: [1, { webhook, policy }],
  /** As many times, one secret after the other. */
  rotate: [
    1,
    {
      webhook,
      secret: fc.nat({ max: 11 }),
      times: fc.constantFrom(1, 1, 11),
      graceSeconds: fc.constantFrom(0, 60, 600_000),
    },
  ],
  toggle: [1, { webhook }],
  remove: [1, { webhook }],
  publish: [6, { type: fc.nat({ max: 2 }), count: fc.integer({ min: 1, max: 3 }) }],
  /** The invocation fails or dies somewhere on the way: before it answers, or while it sends. Key 0 is none. */
  faultyPublish: [
    3,
    {
      type: fc.nat({ max: 2 }),
      count: fc.integer({ min: 1, max: 3 }),
      key: fc.nat({ max: 2 }),
      fault: publishFault,
    },
  ],
  /** An event for later; whoever publishes it may die on the way. */
  schedule: [
    2,
    {
      type: fc.nat({ max: 2 }),
      delayMs: fc.constantFrom(2_000, 30_000, 600_000, 90_000_000),
      fault: fc.option(publishFault),
    },
  ],
  /** One that waits goes to nobody, a new one if there is none; whoever says so may die on the way. */
  unschedule: [1, { type: fc.nat({ max: 2 }), event: fc.nat({ max: 2 }), fault: fc.option(fault) }],
  /** A consumer reads a page of what is sent nowhere; the call may fail. */
  pull: [
    2,
    {
      consumer: fc.nat({ max: 2 }),
      limit: fc.integer({ min: 1, max: 4 }),
      fault: fc.option(fault),
    },
  ],
  /** How much of it a publish sends itself. */
  budget: [1, { most: fc.constantFrom(0, 1, 1_000) }],
  publishKeyed: [2, { key: index, faulty: fc.boolean() }],
  behave: [6, { webhook, behaviour }],
  /** A receiver behaves so for an event and its retries of the first minute. */
  endure: [4, { webhook, behaviour, type: fc.nat({ max: 2 }) }],
  /** A webhook for all types with a filter, and an event of a type. */
  sift: [1, { policy, type: fc.constantFrom(0, 1, 1) }],
  advance: [5, { ms: fc.constantFrom<number>(500, 5_000, 70_000, 3_600_000, 100_000_000) }],
  clock: [1, { skewMs: fc.constantFrom(-240_000, -5_000, 0, 3_000, 120_000) }],
  /** Batches until nothing is due. */
  work: [8, {}],
  batch: [5, { queue }],
  faultyBatch: [2, { queue, fault }],
  crash: [1, {}],
  outage: [1, { component: fc.constantFrom(...(Object.keys(COMPONENTS) as Component[])) }],
  recover: [2, {}],
  /** The process is killed with what of its queues somebody asked to be sent again. */
  lose: [1, { webhook }],
  duplicate: [1, { queue, message: index }],
  reorder: [1, { queue }],
  resume: [2, { webhook }],
  /** Its events wait, or do no more. */
  pause: [3, { webhook }],
  /** It gets no more than so many in a time, of `RATES`; and the time passes in which many come. */
  rate: [4, { webhook, rate: fc.nat({ max: RATES.length - 1 }) }],
  /** Its events come in order, of `ORDERS`. */
  order: [3, { webhook, order: fc.nat({ max: ORDERS.length - 1 }) }],
  /** Several events for one that has an order, one after the other, while its receiver behaves so. */
  queueUp: [
    3,
    {
      webhook,
      order: fc.integer({ min: 1, max: ORDERS.length - 1 }),
      behaviour,
      type: fc.nat({ max: 2 }),
      count: fc.integer({ min: 2, max: 4 }),
      fault: fc.option(fault),
    },
  ],
  /** Its events go together, as one of `BATCHES` says. */
  together: [3, { webhook, batch: fc.nat({ max: BATCHES.length - 1 }) }],
  /** Several events for one that has a batch. */
  gather: [
    2,
    {
      webhook,
      batch: fc.integer({ min: 1, max: BATCHES.length - 1 }),
      // What a batch alone can be answered comes often.
      behaviour: fc.oneof(behaviour, fc.constant<ReceiverBehaviour>('choosy')),
      type: fc.nat({ max: 2 }),
      count: fc.integer({ min: 2, max: 5 }),
      fault: fc.option(fault),
    },
  ],
  /** Its blocked keys go on. */
  skip: [1, { webhook }],
  /** Its receiver says how many a minute it allows; 0: as many as there are, null: it says nothing any more. */
  allow: [1, { webhook, perMinute: fc.constantFrom(0, 1, 3, null) }],
  /** Many events at once for one that has a rate. */
  crowd: [
    2,
    {
      webhook,
      rate: fc.integer({ min: 1, max: RATES.length - 1 }),
      count: fc.integer({ min: 3, max: 9 }),
    },
  ],
  /** What is pending ends. */
  cancel: [1, { webhook }],
  resendDiverted: [2, { webhook }],
  resend: [1, { event: index, webhook }],
  replay: [1, { webhook, onlyMissing: fc.boolean() }],
  /** One event by its id, or all of a scope; whoever asks may die on the way. */
  erase: [2, { event: fc.nat({ max: 2 }), byScope: fc.boolean(), fault: fc.option(fault) }],
} as const

type Steps = typeof STEPS
type Fields<T> = { -readonly [K in keyof T]: T[K] extends fc.Arbitrary<infer U> ? U : never }
export type Step = { [K in keyof Steps]: { kind: K } & Fields<Steps[K][1]> }[keyof Steps]
export const STEP_KINDS = Object.keys(STEPS) as Step['kind'][]

export const step: fc.Arbitrary<Step> = fc.oneof(
  ...STEP_KINDS.map((kind) => {
    const [weight, fields] = STEPS[kind]
    const arbitrary = fc.record<object>({ kind: fc.constant(kind), ...fields })
    return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Step> }
  }),
)

/** A step on a line, as the code of a test would write it. */
export function toLine(step: Step): string {
  return JSON.stringify(step)
    .replaceAll(/"(\w+)":/g, '$1: ')
    .replaceAll(',', ', ')
    .replaceAll('"', "'")
}

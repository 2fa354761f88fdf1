// Histories that once broke a promise, each kept for good.

import { describe, expect, it } from 'vitest'
import { checkPromises } from './promises.ts'
import { type Step, Story } from './story.ts'

const LATER_DELIVERIES: readonly Step[] = [
  { kind: 'advance', ms: 100_000_000 },
  { kind: 'batch', queue: 'deliveries' },
]

const HISTORIES: Readonly<Record<string, readonly Step[]>> = {
  // Neither its monitor nor the queue can be told that the webhook is gone.
  'what waits for a webhook that was deleted in an outage is not sent for ever': [
    { kind: 'endure', webhook: 0, behaviour: 'closing', type: 0 },
    { kind: 'outage', component: 'monitors' },
    { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
    { kind: 'outage', component: 'deliveries queue' },
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'behave', webhook: 0, behaviour: 'ok' },
    { kind: 'remove', webhook: 0 },
  ],
  'two replays of an event that failed begin in one batch, and share a schedule': [
    { kind: 'endure', webhook: 1, behaviour: 'error', type: 0 },
    { kind: 'replay', webhook: 1, onlyMissing: false },
    { kind: 'replay', webhook: 1, onlyMissing: false },
    { kind: 'publish', type: 0, count: 1 },
  ],
  'of two replays of what is missing, one does not end the other by what the log could not say': [
    { kind: 'reconsider', webhook: 0, policy: 6 },
    { kind: 'endure', webhook: 0, behaviour: 'error', type: 0 },
    { kind: 'replay', webhook: 0, onlyMissing: true },
    { kind: 'work' },
    { kind: 'replay', webhook: 0, onlyMissing: true },
    {
      kind: 'faultyBatch',
      queue: 'deliveries',
      fault: { call: 1, mode: 'hang', port: 'webhooks' },
    },
    { kind: 'advance', ms: 70_000 },
    { kind: 'reorder', queue: 'deliveries' },
    { kind: 'outage', component: 'monitors' },
    { kind: 'batch', queue: 'deliveries' },
    { kind: 'advance', ms: 5_000 },
    { kind: 'recover' },
    { kind: 'advance', ms: 5_000 },
    { kind: 'batch', queue: 'deliveries' },
    { kind: 'advance', ms: 70_000 },
    { kind: 'batch', queue: 'deliveries' },
  ],
  'a resend whose log does not answer when its message is days old is not forgotten': [
    { kind: 'reconsider', webhook: 0, policy: 6 },
    { kind: 'endure', webhook: 0, behaviour: 'error', type: 0 },
    { kind: 'resend', event: 0, webhook: 0 },
    { kind: 'batch', queue: 'deliveries' },
    { kind: 'advance', ms: 100_000_000 },
    { kind: 'advance', ms: 100_000_000 },
    {
      kind: 'faultyBatch',
      queue: 'deliveries',
      fault: { call: 1, mode: 'stall', port: 'monitor' },
    },
  ],
  // Its first attempt is reported only after its message, come again, found the first run under way and joined that.
  'a replay that joins another run is not taken up again by the late report of its own attempt': [
    { kind: 'outage', component: 'monitors' },
    { kind: 'behave', webhook: 1, behaviour: 'switching' },
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'work' },
    { kind: 'advance', ms: 500 },
    { kind: 'replay', webhook: 1, onlyMissing: false },
    { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
    { kind: 'advance', ms: 70_000 },
  ],
  // The event log could not be told: it goes on by what it knows until the event of the resumption, or another resumption, tells it.
  'a resumption that was refused half-way may still have events diverted': [
    { kind: 'endure', webhook: 0, behaviour: 'gone', type: 0 },
    { kind: 'outage', component: 'logs' },
    { kind: 'resume', webhook: 0 },
    { kind: 'reconsider', webhook: 0, policy: 0 },
    { kind: 'recover' },
    { kind: 'publish', type: 0, count: 1 },
  ],
  // What a publish heard is told when its slowest receiver has answered, or is waited for no longer.
  'a webhook is suspended by a 410 that is told only after the next event was sent to it': [
    { kind: 'behave', webhook: 0, behaviour: 'slow' },
    { kind: 'behave', webhook: 1, behaviour: 'gone' },
    {
      kind: 'faultyPublish',
      ...{ type: 0, count: 1, key: 0 },
      fault: { call: 3, mode: 'hang', port: 'send' },
    },
    { kind: 'behave', webhook: 1, behaviour: 'slow' },
    { kind: 'batch', queue: 'events' },
    { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
  ],
  // Six deliveries, and five at a time: the sixth begins when its webhook is gone already.
  'a publish sends by what was so when its events were accepted': [
    { kind: 'behave', webhook: 1, behaviour: 'hanging' },
    { kind: 'behave', webhook: 0, behaviour: 'slow' },
    { kind: 'publish', type: 0, count: 3 },
    { kind: 'remove', webhook: 1 },
    { kind: 'batch', queue: 'events' },
    { kind: 'recover' },
    { kind: 'resume', webhook: 0 },
  ],
  // The model did not know that what was handed over, and not noted, is found by the event log and handed over again.
  'a publish that dies after a hand-over is sent on once more': [
    { kind: 'endure', webhook: 0, behaviour: 'hanging', type: 0 },
    { kind: 'resend', event: 0, webhook: 0 },
    { kind: 'work' },
    { kind: 'publish', type: 0, count: 3 },
    {
      kind: 'faultyPublish',
      type: 0,
      count: 1,
      key: 0,
      fault: { call: 4, mode: 'hang', port: '' },
    },
    { kind: 'advance', ms: 3_600_000 },
    { kind: 'work' },
  ],
  // The model took the copy of a message of the ended run for what was promised.
  'a resend of what ended has a schedule of its own, whatever copies the former one left': [
    { kind: 'endure', webhook: 1, behaviour: 'busy', type: 0 },
    { kind: 'advance', ms: 70_000 },
    { kind: 'reorder', queue: 'events' },
    { kind: 'work' },
    { kind: 'resendDiverted', webhook: 1 },
    { kind: 'batch', queue: 'deliveries' },
    { kind: 'advance', ms: 70_000 },
    { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
  ],
  // It was delivered before, and the report of that came only after the resend.
  'an event whose delivery is reported late is sent again when somebody asks for that': [
    { kind: 'outage', component: 'monitors' },
    { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
    { kind: 'recover' },
    { kind: 'resend', event: 0, webhook: 0 },
  ],
  // A publish that was under way went on by the secret that the webhook had when it accepted the event.
  'what a publish is sending while a secret is rotated bears the former one or the new one': [
    { kind: 'behave', webhook: 1, behaviour: 'slow' },
    { kind: 'behave', webhook: 0, behaviour: 'slow' },
    { kind: 'publish', type: 0, count: 3 },
    { kind: 'work' },
    { kind: 'rotate', webhook: 1, secret: 0, times: 1, graceSeconds: 0 },
  ],
  'a webhook disabled between two passes over an event does not leave it pending': [
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'faultyBatch', queue: 'events', fault: { call: 3, mode: 'hang', port: '' } },
    { kind: 'toggle', webhook: 1 },
  ],
  'a report that comes late does not take up again what ended meanwhile': [
    { kind: 'behave', webhook: 0, behaviour: 'error' },
    { kind: 'outage', component: 'monitors' },
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'batch', queue: 'events' },
    { kind: 'toggle', webhook: 0 },
  ],
  // The first pass writes attempt 1 down and cannot hand its retry over; the second cannot ask the log and hands over
  // what gives way to that attempt.
  'a retry that was not handed over is carried on though the log could not be asked': [
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'behave', webhook: 0, behaviour: 'missing' },
    {
      kind: 'faultyBatch',
      queue: 'events',
      fault: { call: 1, mode: 'before', port: 'deliveries' },
    },
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'work' },
    { kind: 'outage', component: 'monitors' },
    { kind: 'advance', ms: 100_000_000 },
    { kind: 'batch', queue: 'events' },
  ],
  // Its message comes nine times while no webhook can be read, and once more while the log cannot be asked.
  'a delivery is not given up for arrivals of its message that sent nothing': [
    { kind: 'behave', webhook: 0, behaviour: 'error' },
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'batch', queue: 'events' },
    { kind: 'outage', component: 'database' },
    ...Array.from({ length: 9 }, () => LATER_DELIVERIES).flat(),
    { kind: 'recover' },
    { kind: 'outage', component: 'monitors' },
    ...LATER_DELIVERIES,
    { kind: 'recover' },
    ...Array.from({ length: 2 }, () => LATER_DELIVERIES).flat(),
  ],
  // The last attempt is made without the log, so that it bears a lower number than the one before, whose report is late.
  'a delivery that ended without the log does not look as if it still failed': [
    { kind: 'endure', webhook: 0, behaviour: 'hanging', type: 0 },
    { kind: 'behave', webhook: 0, behaviour: 'moved' },
    { kind: 'endure', webhook: 1, behaviour: 'ok', type: 0 },
    { kind: 'outage', component: 'monitors' },
    { kind: 'advance', ms: 100_000_000 },
    { kind: 'endure', webhook: 1, behaviour: 'ok', type: 0 },
    { kind: 'work' },
    { kind: 'clock', skewMs: -240_000 },
  ],
  'what two replays bring that overlap is sent once, if only the missing is asked for': [
    { kind: 'create', pattern: 0, policy: 2, mute: false, shape: 0 },
    { kind: 'behave', webhook: 2, behaviour: 'error' },
    { kind: 'publish', type: 0, count: 3 },
    { kind: 'work' },
    { kind: 'advance', ms: 500 },
    { kind: 'behave', webhook: 2, behaviour: 'ok' },
    { kind: 'replay', webhook: 2, onlyMissing: true },
    { kind: 'replay', webhook: 2, onlyMissing: true },
    { kind: 'work' },
  ],
  'an event that was delivered, and fails when it is sent again, counts among those that fail': [
    { kind: 'publishKeyed', key: 0, faulty: false },
    { kind: 'reconsider', webhook: 0, policy: 3 },
    { kind: 'work' },
    { kind: 'endure', webhook: 0, behaviour: 'missing', type: 0 },
    { kind: 'replay', webhook: 0, onlyMissing: false },
    { kind: 'behave', webhook: 1, behaviour: 'ok' },
    { kind: 'remove', webhook: 1 },
    { kind: 'toggle', webhook: 1 },
  ],
  'what was released again while the queue stood still is carried by one message': [
    { kind: 'behave', webhook: 0, behaviour: 'closing' },
    { kind: 'publish', type: 0, count: 2 },
    { kind: 'endure', webhook: 0, behaviour: 'hanging', type: 0 },
    { kind: 'advance', ms: 3_600_000 },
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'advance', ms: 3_600_000 },
  ],
  'an attempt that was under way when its delivery was cancelled is the last': [
    { kind: 'endure', webhook: 0, behaviour: 'hanging', type: 0 },
    { kind: 'batch', queue: 'events' },
    { kind: 'publish', type: 0, count: 1 },
    { kind: 'cancel', webhook: 0 },
  ],
  'a replay that was on its way when its event was cancelled is sent': [
    { kind: 'behave', webhook: 1, behaviour: 'hanging' },
    { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
    { kind: 'replay', webhook: 1, onlyMissing: false },
    { kind: 'cancel', webhook: 1 },
    { kind: 'resume', webhook: 0 },
  ],
  'a repeated publish that completes the first has the bytes of the first': [
    { kind: 'publishKeyed', key: 5, faulty: true },
    { kind: 'advance', ms: 500 },
    { kind: 'publishKeyed', key: 5, faulty: false },
    { kind: 'batch', queue: 'events' },
    { kind: 'replay', webhook: 0, onlyMissing: false },
  ],
  'what waits in order for an event that is erased goes on': [
    { kind: 'queueUp', webhook: 0, order: 1, behaviour: 'hanging', type: 0, count: 2, fault: null },
    { kind: 'advance', ms: 100_000_000 },
    { kind: 'retype', webhook: 0, pattern: 0 },
    { kind: 'erase', event: 0, byScope: false, fault: null },
    { kind: 'advance', ms: 500 },
  ],
  'what was answered of events together counts for one that was replayed meanwhile': [
    { kind: 'gather', webhook: 1, batch: 1, behaviour: 'busy', type: 0, count: 2, fault: null },
    { kind: 'endure', webhook: 1, behaviour: 'slow', type: 0 },
    { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
    { kind: 'replay', webhook: 1, onlyMissing: false },
    { kind: 'resendDiverted', webhook: 0 },
    { kind: 'work' },
    { kind: 'replay', webhook: 0, onlyMissing: false },
  ],
  'what was released is not released again while its message is at work, though nobody knows that it was sent':
    [
      { kind: 'behave', webhook: 0, behaviour: 'hanging' },
      { kind: 'recast', webhook: 1, shape: 0, behaviour: 'ok', type: 0, fault: null },
      { kind: 'order', webhook: 0, order: 1 },
      {
        ...{ kind: 'faultyPublish', type: 0, count: 1, key: 0 },
        fault: { call: 2, mode: 'die', port: 'objects' },
      },
      { kind: 'batch', queue: 'events' },
    ],
  'what was chosen in spite of its filter, and diverted, is not filtered when all that is diverted is sent again':
    [
      { kind: 'recast', webhook: 1, shape: 4, behaviour: 'hanging', type: 0, fault: null },
      { kind: 'resend', event: 1, webhook: 1 },
      { kind: 'unschedule', type: 0, event: 0, fault: null },
      { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
    ],
  // What a publish heard of one receiver is told when another one, that hangs, is waited for no longer.
  'an allowance is kept once it is written down, and not before': [
    { kind: 'allow', webhook: 0, perMinute: 1 },
    { kind: 'behave', webhook: 1, behaviour: 'hanging' },
    { kind: 'queueUp', webhook: 2, order: 1, behaviour: 'ok', type: 0, count: 3, fault: null },
    { kind: 'erase', event: 0, byScope: false, fault: null },
    { kind: 'toggle', webhook: 0 },
    { kind: 'order', webhook: 0, order: 0 },
  ],
  // Whoever was answered 503 repeats it.
  'a blocked key goes on once its webhook has no order, though its monitor had to be told twice': [
    { kind: 'queueUp', webhook: 1, order: 3, behaviour: 'gone', type: 0, count: 2, fault: null },
    { kind: 'outage', component: 'monitors' },
    { kind: 'order', webhook: 1, order: 0 },
    { kind: 'pause', webhook: 0 },
    { kind: 'behave', webhook: 0, behaviour: 'ok' },
    { kind: 'work' },
  ],
  // Its monitor was not told that the queue has the message, and sends it once more; a receiver may get it twice.
  'whose turn it is may go twice where a queue took it and did not say so': [
    { kind: 'order', webhook: 0, order: 1 },
    { kind: 'behave', webhook: 0, behaviour: 'slow' },
    {
      ...{ kind: 'faultyPublish', type: 0, count: 1, key: 0 },
      fault: { call: 2, mode: 'after', port: 'objects' },
    },
    { kind: 'work' },
    { kind: 'behave', webhook: 0, behaviour: 'ok' },
    { kind: 'advance', ms: 500 },
    { kind: 'behave', webhook: 0, behaviour: 'ok' },
  ],
}

/** The same where event logs have several shards. */
const OF_SHARDS: Readonly<Record<string, readonly [shards: string, steps: readonly Step[]]>> = {
  'an event that is published again under the id of a publish that died happened when that did': [
    '3, 2 from 2026-11-22T00:01Z',
    [
      { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
      {
        ...{ kind: 'faultyPublish', type: 0, count: 1, key: 2 },
        fault: { call: 4, mode: 'die', port: '' },
      },
      { kind: 'endure', webhook: 0, behaviour: 'ok', type: 0 },
      { kind: 'publishKeyed', key: 2, faulty: false },
      { kind: 'batch', queue: 'events' },
      { kind: 'recover' },
      { kind: 'publish', type: 0, count: 1 },
    ],
  ],
}

async function breaks(steps: readonly Step[], shards = '1'): Promise<readonly string[]> {
  const story = await Story.begin(shards)
  for (const next of steps) await story.take(next)
  await story.end()
  const broken = await checkPromises(story)
  if (broken.length > 0 || !(await story.makeUp())) return broken
  return checkPromises(story)
}

describe('what once went wrong', () => {
  it.each(Object.entries(HISTORIES))('%s', async (_, steps) => {
    expect(await breaks(steps)).toEqual([])
  })

  it.each(Object.entries(OF_SHARDS))('%s', async (_, [shards, steps]) => {
    expect(await breaks(steps, shards)).toEqual([])
  })
})

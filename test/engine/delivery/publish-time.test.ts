// How long a publish takes at most, from its start to the last note, whoever hangs. Time passes only where a test lets it.

import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../src/engine/model/index.ts'
import type { DelayedMessage, Ports } from '../../../src/engine/ports/index.ts'
import { createMemoryDeployment } from '../../fakes/deployment.ts'
import { Timers } from '../../fakes/timers.ts'
import { Bench, failedWith, never, type Overrides, ok } from '../../fixtures/bench.ts'
import { anEventDraft } from '../../fixtures/event-drafts.ts'

const END_MS = 25_000
/** Nearly all of the time for which a call is waited for. */
const NEARLY_MS = 4_900
const SILENT = 'https://silent.example/'
const FAILING = 'https://failing.example/'
const QUICK = 'https://quick.example/'

/** More than any chain of promises, and of signatures, between two waits. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0))
}

/** A clock that stands still until it is told to go on, by which timers and slow calls end. */
function openClock() {
  const start = Date.now()
  let now = start
  const timers = new Timers()
  const timer: Ports['timer'] = (ms) => timers.timer(now, ms)
  return {
    ports: { timer, clock: () => now },
    /** Milliseconds since the clock was opened. */
    elapsed: () => now - start,
    wait: (ms: number) => timer(ms).over,
    /** Has time pass until the work is over, or for two minutes; resolves with the milliseconds since the start. */
    async pass(work: Promise<unknown>): Promise<number> {
      let isOver = false
      const done = () => {
        isOver = true
      }
      work.then(done, done)
      await rest()
      while (!isOver && timers.next < start + 120_000) {
        now = timers.next
        timers.fire(now)
        await rest()
      }
      return isOver ? now - start : Number.POSITIVE_INFINITY
    },
  }
}

type TestClock = ReturnType<typeof openClock>

interface Slow {
  /** Of all calls that are named, how long each takes; `never` hangs. */
  readonly accept?: () => Promise<void>
  readonly catalogue?: () => Promise<void>
  readonly record?: () => Promise<void>
  readonly report?: () => Promise<void>
  readonly queue?: () => Promise<void>
}

const atOnce = async () => {}

/** The bench on slow components; `handedOver` says when each message was. */
function slowed(bench: Bench, clock: TestClock, slow: Slow) {
  const { accept = atOnce, catalogue = atOnce, record = atOnce } = slow
  const { report = atOnce, queue = atOnce } = slow
  const { ports } = bench
  const backgrounds: Promise<void>[] = []
  const handedOver: (DelayedMessage & { readonly atMs: number })[] = []
  const requeued: { readonly webhookIds: readonly string[]; readonly atMs: number }[] = []
  const queued: { readonly count: number; readonly atMs: number }[] = []
  const overrides: Overrides = {
    ...clock.ports,
    background: (work) => void backgrounds.push(work),
    eventTypes: {
      ...ports.eventTypes,
      current: async (...args) => {
        await catalogue()
        return ports.eventTypes.current(...args)
      },
    },
    eventLog: (tenantId) => ({
      ...ports.eventLog(tenantId),
      accept: async (...args) => {
        await accept()
        return ports.eventLog(tenantId).accept(...args)
      },
      record: async (outcomes) => {
        await record()
        return ports.eventLog(tenantId).record(outcomes)
      },
    }),
    monitor: (id) => ({
      ...ports.monitor(id),
      report: async (told) => {
        await report()
        return ports.monitor(id).report(told)
      },
    }),
    deliveries: {
      send: async (messages) => {
        await queue()
        handedOver.push(...messages.map((one) => ({ ...one, atMs: clock.elapsed() })))
      },
    },
    events: {
      send: async (_, events) => {
        await queue()
        queued.push({ count: events.length, atMs: clock.elapsed() })
      },
      requeue: async (_, remaining) => {
        await queue()
        const webhookIds = remaining.flatMap((one) => one.webhookIds)
        requeued.push({ webhookIds, atMs: clock.elapsed() })
      },
    },
  }
  const slowBench = bench.with(overrides)
  slowBench.respond = ({ url }): Outcome | Promise<Outcome> => {
    if (url === SILENT) return never()
    return url === FAILING ? failedWith(500) : ok
  }
  return { bench: slowBench, backgrounds, handedOver, requeued, queued }
}

/** A webhook in the slow lane: its events are for the queue. */
async function slowLane(bench: Bench): Promise<void> {
  await bench.setState(await bench.webhook(), { lane: 'slow', isTroubled: true })
}

const drafts = (count: number, data = '{"total":1}') =>
  Array.from({ length: count }, () => anEventDraft({ data }))

/** What the publish itself does: what it began first. */
async function published(
  clock: TestClock,
  { bench, backgrounds }: ReturnType<typeof slowed>,
  count = 1,
  data?: string,
) {
  const publishing = bench.engine.events.publish(bench.tenantId, drafts(count, data))
  const [work = never()] = backgrounds
  const overAt = await clock.pass(work)
  return { answers: await publishing, overAt }
}

describe('a publish is over 25 s after it began', () => {
  const hang = () => never()

  /** What hangs, and of whom it is noted all the same that they have their events, or that somebody sees to it. */
  it.each<[string, (wait: () => Promise<void>) => Slow, readonly string[]]>([
    ['everything', () => ({ record: hang, report: hang, queue: hang }), []],
    ['the event log', () => ({ record: hang }), []],
    ['the monitors', () => ({ report: hang }), [SILENT, FAILING, QUICK]],
    ['the queues', () => ({ queue: hang }), [QUICK]],
    [
      'nothing, but all is slow',
      (wait) => ({ record: wait, report: wait, queue: wait }),
      [FAILING, QUICK],
    ],
  ])('where it is slow to be accepted and then hangs: %s', async (_, slow, expected) => {
    const bench = await Bench.open()
    const webhooks = []
    for (const url of [SILENT, FAILING, QUICK]) webhooks.push(await bench.webhook({ url }))
    const clock = openClock()
    const wait = () => clock.wait(NEARLY_MS)
    const hanging = slowed(bench, clock, { accept: wait, catalogue: wait, ...slow(wait) })
    const { answers, overAt } = await published(clock, hanging)
    expect(overAt).toBeLessThanOrEqual(END_MS)
    // What is not noted the event log's alarm finds.
    for (const webhook of webhooks) {
      const noted = await Promise.all(answers.map((event) => bench.noted(event, webhook)))
      const isNoted = expected.includes(webhook.url)
      expect(noted.map((outcome) => outcome !== null)).toEqual(answers.map(() => isNoted))
      if (!isNoted || webhook.url === QUICK) continue
      const messages = hanging.handedOver.map(({ message }) => message)
      const own = messages.filter((one) => one.kind === 'deliver' && one.webhookId === webhook.id)
      expect(own).toHaveLength(answers.length)
    }
  })

  it('where its queue takes hundreds of messages, each step as slowly as it may', async () => {
    const bench = await Bench.open()
    for (let index = 0; index < 3; index += 1) await slowLane(bench)
    const clock = openClock()
    const slow = slowed(bench, clock, { queue: () => clock.wait(NEARLY_MS) })
    const { answers, overAt } = await published(clock, slow, 200)
    expect(overAt).toBeLessThanOrEqual(END_MS)
    const items = await bench.engine.webhooks.list({ tenantId: bench.tenantId }, { limit: 9 })
    // Of what was not handed over in time nothing is noted.
    for (const webhook of items) {
      for (const event of answers) expect(await bench.noted(event, webhook)).toBeNull()
    }
  })

  it('where its tenants have event logs that hang, whose events the queue takes instead', async () => {
    const deployment = createMemoryDeployment()
    const benches = []
    for (let index = 0; index < 160; index += 1) benches.push(await Bench.open({}, deployment))
    const [first] = benches
    if (first === undefined) throw new Error('There is no tenant.')
    const clock = openClock()
    const slow = slowed(first, clock, { accept: hang, queue: () => clock.wait(1_000) })
    const events = benches.map(({ tenantId }) => ({ tenantId, draft: anEventDraft() }))
    const publishing = slow.bench.engine.publishToTenants(events)
    expect(await clock.pass(publishing)).toBeLessThanOrEqual(15_000)
    expect(await publishing).toHaveLength(160)
    expect(slow.queued).toHaveLength(160)
    const [work = never()] = slow.backgrounds
    expect(await clock.pass(work)).toBeLessThanOrEqual(END_MS)
  })

  it('where its tenants have event logs and queues that hang: it is refused', async () => {
    const deployment = createMemoryDeployment()
    const benches = []
    for (let index = 0; index < 160; index += 1) benches.push(await Bench.open({}, deployment))
    const [first] = benches
    if (first === undefined) throw new Error('There is no tenant.')
    const clock = openClock()
    const slow = slowed(first, clock, { accept: hang, queue: hang })
    const events = benches.map(({ tenantId }) => ({ tenantId, draft: anEventDraft() }))
    const publishing = slow.bench.engine.publishToTenants(events)
    expect(await clock.pass(publishing)).toBeLessThanOrEqual(15_000)
    await expect(publishing).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('what a publish leaves unanswered', () => {
  it('has its watchdog message, though every monitor hangs that is told of much', async () => {
    const bench = await Bench.open()
    const silent = await bench.webhook({ url: SILENT })
    // Each keeps its events: reports of 8 MB are made one after the other.
    for (let index = 0; index < 40; index += 1) {
      await bench.setState(await bench.webhook(), { suspendedAt: Date.now() })
    }
    const clock = openClock()
    const slow = slowed(bench, clock, { report: () => never() })
    const large = JSON.stringify({ text: 'x'.repeat(90_000) })
    const { overAt } = await published(clock, slow, 100, large)
    expect(overAt).toBeLessThanOrEqual(END_MS)
    const watchdogs = slow.handedOver.filter(({ message }) => message.kind === 'deliver')
    const [watchdog] = watchdogs
    expect(watchdogs.length).toBeGreaterThan(0)
    expect(watchdog).toMatchObject({
      message: { webhookId: silent.id, role: 'watchdog', attempts: 0 },
      delaySeconds: 18,
    })
    expect(watchdog?.atMs).toBeLessThanOrEqual(22_500)
  })

  it('is sent all the same where it was accepted late, and what was not begun the queue has', async () => {
    const bench = await Bench.open()
    for (let index = 0; index < 9; index += 1) await bench.webhook({ url: SILENT })
    const clock = openClock()
    const wait = () => clock.wait(NEARLY_MS)
    const slow = slowed(bench, clock, { accept: wait, catalogue: wait })
    const { overAt } = await published(clock, slow)
    expect(overAt).toBe(18_000)
    expect(slow.bench.requests).toHaveLength(5)
    const watchdogs = slow.handedOver.map(({ message, ...when }) => [message.kind, when])
    const expected = ['deliver', { delaySeconds: 18, atMs: 18_000 }]
    expect(watchdogs).toEqual(Array.from({ length: 5 }, () => expected))
    expect(slow.requeued.flatMap(({ webhookIds }) => webhookIds)).toHaveLength(4)
    const began = slow.handedOver.map(({ message }) => 'webhookId' in message && message.webhookId)
    const left = slow.requeued.flatMap(({ webhookIds }) => webhookIds)
    expect(new Set([...began, ...left]).size).toBe(9)
  })
})

// Resends and replays whose object or queue dies half-way: durable, resumable, and never twice what was noted as sent.

import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import type { Event } from '../../../src/engine/model/index.ts'
import type { JobEntry, ReplayRequest } from '../../../src/engine/ports/index.ts'
import { WebhookMonitor } from '../../../src/platform/durable/webhook-monitor/webhook-monitor.ts'
import { firstIdAt, newId } from '../../../src/primitives/ids.ts'
import { LOG } from '../../../src/tuning.ts'
import { delivered, diverted, failing, reportTo } from '../../contracts/durable-fixtures.ts'
import { anEvent, type Deliver } from '../../fixtures/bench.ts'
import { openPlatformBench } from '../../fixtures/platform-bench.ts'

type Mode = 'before' | 'after' | 'never'

/** The deliveries queue, call by call: `before` and `after` fail before and after their effect, `never` never answers. */
function openQueue(modes: readonly (Mode | Promise<void> | null)[]) {
  const calls: Deliver[][] = []
  const notices: unknown[] = []
  const spy = vi.spyOn(Object.getPrototypeOf(env.DELIVERIES), 'sendBatch')
  let count = 0
  spy.mockImplementation(async (messages) => {
    const bodies = (messages as { body: string }[]).map(({ body }) => fromDeliveryText(body))
    const deliveries = bodies.filter((message) => message?.kind === 'deliver')
    notices.push(...bodies.filter((message) => message?.kind === 'notice'))
    if (deliveries.length === 0) return
    const mode = modes[count] ?? null
    count += 1
    if (mode === 'before') throw new Error('The queue is down.')
    calls.push(deliveries)
    if (mode === 'after') throw new Error('The connection broke.')
    if (mode === 'never') await new Promise(() => {})
    await mode
  })
  /** How often the queue was asked to take deliveries. */
  const asked = (times: number) => vi.waitFor(() => expect(count).toBe(times))
  return { calls, notices, asked }
}

const idsOf = (calls: readonly (readonly Deliver[])[]) => calls.flat().map(({ event }) => event.id)
const runsIn = (calls: readonly (readonly Deliver[])[]) =>
  new Set(calls.flat().map(({ run }) => run))

/** Two of these fill a batch. */
const large = () => anEvent({ data: `{"text":"${'x'.repeat(90_000)}"}` })

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('a resend', () => {
  async function openResend(events: readonly Event[]) {
    const bench = await openPlatformBench()
    const webhook = await bench.webhook()
    const ref = bench.ref(webhook)
    const monitor = bench.ports.monitor(webhook.id)
    await reportTo(
      { monitor, ref },
      events.map((event) => diverted(event, { at: Date.now() })),
    )
    const stub = env.MONITORS.getByName(webhook.id)
    const resend = () => bench.engine.webhooks.resendDiverted(ref, {})
    const jobOf = (id: string) => bench.engine.jobs.get(bench.tenantId, id)
    return { bench, webhook, ref, monitor, stub, resend, jobOf }
  }

  it('of 250 goes on behind what was sent when its second batch is not taken', async () => {
    const events = Array.from({ length: 250 }, () => anEvent())
    const { calls, asked } = openQueue([null, 'before'])
    const { stub, resend, jobOf } = await openResend(events)
    const { jobId, queued } = await resend()
    expect(queued).toBe(250)
    await asked(2)
    await vi.waitFor(async () => {
      const error = 'A component of Hookline failed. Its logs have the details.'
      expect(await jobOf(jobId)).toMatchObject({ state: 'running', done: 100, total: 250, error })
    })
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    const done = { kind: 'resend', state: 'done', done: 250, total: 250, error: null }
    expect(await jobOf(jobId)).toMatchObject(done)
    expect(calls.map(({ length }) => length)).toEqual([100, 100, 50])
    expect(idsOf(calls).toSorted()).toEqual(events.map(({ id }) => id).toSorted())
  })

  it('of more than it marks at once goes on marking where it was', async () => {
    const events = Array.from({ length: LOG.claimedEvents + 150 }, () => anEvent())
    const { calls, asked } = openQueue([...Array.from({ length: 10 }, () => null), 'before'])
    const { stub, resend, jobOf } = await openResend(events)
    const { jobId, queued } = await resend()
    expect(queued).toBeNull()
    await asked(11)
    await vi.waitFor(async () => {
      expect(await jobOf(jobId)).toMatchObject({ done: 1_000, total: 1_150, state: 'running' })
    })
    await abortAllDurableObjects()
    await runDurableObjectAlarm(stub)
    expect(await jobOf(jobId)).toMatchObject({ state: 'done', done: 1_150, total: 1_150 })
    expect(new Set(idsOf(calls)).size).toBe(1_150)
    expect(runsIn(calls).size).toBe(1)
  })

  it('that is cancelled has marked no more than it had begun', async () => {
    const events = Array.from({ length: LOG.claimedEvents + 1 }, () => anEvent())
    const { asked } = openQueue(['before'])
    const { bench, resend, jobOf } = await openResend(events)
    const { jobId } = await resend()
    await asked(1)
    await bench.engine.jobs.cancel(bench.tenantId, jobId)
    expect(await jobOf(jobId)).toMatchObject({ state: 'cancelled', done: 0, total: 0 })
    const { calls, asked: askedAgain } = openQueue([])
    const again = await resend()
    await askedAgain(11)
    await vi.waitFor(async () => expect(await jobOf(again.jobId)).toMatchObject({ state: 'done' }))
    expect(new Set(idsOf(calls)).size).toBe(events.length)
  })

  it.each<Mode>(['after', 'never'])(
    'repeats, in the same run, only the batch of which it cannot know (%s)',
    async (mode) => {
      const events = Array.from({ length: 5 }, large)
      const { calls, asked } = openQueue([null, mode])
      const { stub, resend } = await openResend(events)
      expect(await resend()).toMatchObject({ queued: 5 })
      await asked(2)
      await abortAllDurableObjects()
      await runDurableObjectAlarm(stub)
      expect(calls.map(({ length }) => length)).toEqual([2, 2, 2, 1])
      expect(idsOf(calls.slice(2, 3))).toEqual(idsOf(calls.slice(1, 2)))
      expect(new Set(idsOf(calls)).size).toBe(5)
      expect(runsIn(calls).size).toBe(1)
    },
  )

  it('can be asked for again after it joined a run that ended', async () => {
    const { calls } = openQueue([])
    const event = anEvent()
    const { monitor, ref, resend } = await openResend([])
    await reportTo({ monitor, ref }, [failing(event)])
    await reportTo({ monitor, ref }, [diverted(event, { run: newId(Date.now()) })])
    await resend()
    await vi.waitFor(() => expect(calls.flat()).toMatchObject([{ run: '' }]))
    await reportTo({ monitor, ref }, [diverted(event, { attempt: 2 })])
    const { jobId, queued } = await resend()
    expect(queued).toBe(1)
    await vi.waitFor(() => expect(calls.flat()).toHaveLength(2))
    expect(calls.flat()[1]).toMatchObject({ run: jobId })
    expect(await monitor.states([{ eventId: event.id, run: jobId }])).toMatchObject([
      { status: 'pending' },
    ])
  })

  it('that is repeated does not send again what was delivered in its run', async () => {
    const { calls, asked } = openQueue([null, 'after'])
    const { bench, webhook, resend, stub } = await openResend([large(), large(), large()])
    await resend()
    await asked(2)
    for (const message of calls.flat()) await bench.consumeDelivery(message)
    expect(bench.requests).toHaveLength(3)
    await runDurableObjectAlarm(stub)
    expect(calls).toHaveLength(2)
    for (const message of calls.flat())
      expect(await bench.consumeDelivery(message)).toEqual({ kind: 'ack' })
    expect(bench.requests).toHaveLength(3)
    for (const { event } of calls.flat()) {
      expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered' })
    }
  })

  it('does not hold up until the alarm what is added meanwhile', async () => {
    const taken = Promise.withResolvers<void>()
    const { notices, asked } = openQueue([taken.promise])
    const { resend, stub, monitor, ref } = await openResend([anEvent()])
    await vi.waitFor(() => expect(notices).toHaveLength(1))
    await resend()
    await asked(1)
    // A notice, where the pass has been already; then the alarm fires, and joins the pass.
    await reportTo({ monitor, ref }, [diverted(anEvent(), { at: Date.now() })])
    const ringing = runDurableObjectAlarm(stub)
    const alarm = () => runInDurableObject(stub, (_, { storage }) => storage.getAlarm())
    await vi.waitFor(async () => expect(await alarm()).toBeNull())
    taken.resolve()
    await ringing
    expect(notices).toHaveLength(2)
  })

  it('whose messages are lost with their queue can be asked for again, and sends all of them', async () => {
    const events = Array.from({ length: 80 }, () => anEvent())
    const { calls, asked } = openQueue([])
    const { bench, webhook, resend, stub } = await openResend(events)
    await resend()
    await asked(1)
    // What the queue took is never heard of again: it is the process that is killed.
    const lost = calls.flat()
    await evictDurableObject(stub)
    expect(lost).toHaveLength(80)
    expect(await resend()).toMatchObject({ queued: 80 })
    await runDurableObjectAlarm(stub)
    for (const message of calls.flat().slice(80)) await bench.consumeDelivery(message)
    expect(bench.requests).toHaveLength(80)
    const left = await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 100 })
    expect(left.items).toEqual([])
  })

  it('that is cancelled sends nothing more, and what it left can be resent', async () => {
    const events = Array.from({ length: 150 }, () => anEvent())
    const { calls, asked } = openQueue([null, 'before'])
    const { bench, resend, stub, jobOf } = await openResend(events)
    const { jobId } = await resend()
    await asked(2)
    await bench.engine.jobs.cancel(bench.tenantId, jobId)
    expect(await jobOf(jobId)).toMatchObject({ state: 'cancelled', done: 100, total: 150 })
    await runDurableObjectAlarm(stub)
    expect(calls.map(({ length }) => length)).toEqual([100])
    expect(await resend()).toMatchObject({ queued: 150 })
  })

  it('whose webhook was never told says that it was not begun', async () => {
    const { bench, webhook, jobOf } = await openResend([])
    const entry = { kind: 'resend', webhookId: webhook.id, createdAt: Date.now(), progress: null }
    const id = newId(Date.now())
    await bench.ports.eventLog(bench.tenantId).noteJob(bench.tenantId, { ...entry, id } as JobEntry)
    expect(await jobOf(id)).toMatchObject({
      state: 'failed',
      error: 'The job was not started. Request it again.',
    })
  })

  it('that is under way survives that another run of its event ends', async () => {
    const event = anEvent()
    const { calls, asked } = openQueue(['before'])
    const { monitor, ref, resend, stub } = await openResend([event])
    await resend()
    await asked(1)
    await reportTo({ monitor, ref }, [diverted(event, { attempt: 2 })])
    await runDurableObjectAlarm(stub)
    expect(idsOf(calls)).toEqual([event.id])
  })
})

describe('a replay', () => {
  const T = Date.now() - 3_600_000
  /** One row each. */
  const rows = (count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => anEvent({ id: newId(T + (from + n) * 100) }))

  async function openReplay(events: readonly Event[], fields: Partial<ReplayRequest> = {}) {
    const bench = await openPlatformBench()
    const webhook = await bench.webhook()
    const log = bench.ports.eventLog(bench.tenantId)
    const jobOf = (id: string) => bench.engine.jobs.get(bench.tenantId, id)
    // A stub of before is of no use once its object was killed.
    const append = (event: Event) =>
      env.EVENT_LOGS.getByName(bench.tenantId).append([{ ...event, webhookIds: [] }])
    for (const event of events) await append(event)
    const replay = async (more: Partial<ReplayRequest> = {}) => {
      const id = newId(Date.now())
      await log.replay(bench.tenantId, id, {
        webhookId: webhook.id,
        eventTypes: ['*'],
        scope: {},
        since: T,
        until: T + 1_000_000,
        onlyMissing: false,
        ...fields,
        ...more,
      })
      return id
    }
    const stub = env.EVENT_LOGS.getByName(bench.tenantId)
    return { bench, webhook, append, replay, jobOf, stub }
  }

  it('of 25 rows goes on behind what was sent when its second step is not taken', async () => {
    const events = rows(25)
    const { calls, asked } = openQueue([null, 'before'])
    const { stub, replay, jobOf } = await openReplay(events)
    const id = await replay()
    await asked(2)
    await vi.waitFor(async () => {
      const error = 'A component of Hookline failed. Its logs have the details.'
      expect(await jobOf(id)).toMatchObject({ state: 'running', done: 10, total: null, error })
    })
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    const done = { kind: 'replay', state: 'done', done: 25, total: 25, error: null }
    expect(await jobOf(id)).toMatchObject(done)
    expect(calls.map(({ length }) => length)).toEqual([10, 10, 5])
    expect(idsOf(calls)).toEqual(events.map(({ id }) => id))
  })

  it.each<Mode>(['after', 'never'])(
    'repeats, in the same run, only the batch of which it cannot know (%s)',
    async (mode) => {
      const events = rows(25)
      const { calls, asked } = openQueue([null, mode])
      const { stub, replay } = await openReplay(events)
      await replay()
      await asked(2)
      await abortAllDurableObjects()
      await runDurableObjectAlarm(stub)
      expect(calls.map(({ length }) => length)).toEqual([10, 10, 10, 5])
      expect(idsOf(calls.slice(2, 3))).toEqual(idsOf(calls.slice(1, 2)))
      expect(runsIn(calls).size).toBe(1)
    },
  )

  it('that is cancelled sends nothing more', async () => {
    const { calls, asked } = openQueue([null, 'before'])
    const { bench, stub, replay, jobOf } = await openReplay(rows(25))
    const id = await replay()
    await asked(2)
    await bench.engine.jobs.cancel(bench.tenantId, id)
    expect(await jobOf(id)).toMatchObject({ state: 'cancelled', done: 10, total: 10 })
    await runDurableObjectAlarm(stub)
    expect(calls.map(({ length }) => length)).toEqual([10])
  })

  it('goes on in the middle of a row', async () => {
    const { calls, asked } = openQueue([null, 'before'])
    const { stub, replay } = await openReplay([])
    const packed = Array.from({ length: 5 }, (_, n) => ({
      ...large(),
      id: newId(T + n),
      webhookIds: [],
    }))
    await stub.append(packed)
    await replay()
    await asked(2)
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(idsOf(calls)).toEqual(packed.map(({ id }) => id))
  })

  it('takes rows that are logged where it has been already, once', async () => {
    const taken = Promise.withResolvers<void>()
    const { calls, asked } = openQueue([null, taken.promise, null, 'before'])
    const events = rows(25, 10)
    const { append, replay, stub } = await openReplay(events)
    await replay()
    await asked(2)
    const late = [
      anEvent({ id: newId(T + 50) }),
      // Between rows that were read and not yet noted as sent.
      anEvent({ id: newId(T + 2_550) }),
      anEvent({ id: newId(T + 900_000) }),
    ]
    const outside = [firstIdAt(T - 1), firstIdAt(T + 1_000_000)].map((id) => anEvent({ id }))
    for (const event of [...late, ...outside]) await append(event)
    taken.resolve()
    await asked(4)
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(idsOf(calls).toSorted()).toEqual([...events, ...late].map(({ id }) => id).toSorted())
    await runDurableObjectAlarm(stub)
    expect(calls.flat()).toHaveLength(28)
  })

  it('whose webhook cannot be asked holds up no other, and goes on when it can', async () => {
    const { calls, asked } = openQueue([])
    const events = rows(12)
    const { replay, jobOf, stub } = await openReplay(events)
    const states = vi.spyOn(WebhookMonitor.prototype, 'statesOfEvents')
    const blocked = newId(Date.now())
    states.mockImplementation(async (ids) => {
      throw new Error(`The webhook is out of reach, and so is what became of ${ids.length} events.`)
    })
    const id = await replay({ webhookId: blocked, onlyMissing: true })
    await vi.waitFor(() => expect(states).toHaveBeenCalledTimes(1))
    await replay()
    await asked(2)
    expect(await jobOf(id)).toMatchObject({ state: 'running', done: 0 })
    expect(calls.flat().filter(({ webhookId }) => webhookId === blocked)).toEqual([])
    states.mockRestore()
    await runDurableObjectAlarm(stub)
    expect(idsOf(calls).filter((id) => id === events[11]?.id)).toHaveLength(2)
  })

  it('that is repeated does not send again what was delivered in its run', async () => {
    const { calls, asked } = openQueue(['after'])
    const { bench, webhook, replay, stub } = await openReplay(rows(3))
    await replay()
    await asked(1)
    for (const message of calls.flat()) await bench.consumeDelivery(message)
    await runDurableObjectAlarm(stub)
    expect(calls.map(({ length }) => length)).toEqual([3, 3])
    for (const message of calls.flat())
      expect(await bench.consumeDelivery(message)).toEqual({ kind: 'ack' })
    expect(bench.requests).toHaveLength(3)
    expect(await bench.fate(calls[0]?.[0]?.event ?? anEvent(), webhook)).toMatchObject({
      status: 'delivered',
    })
  })

  it('gives way to the retry of its own run', async () => {
    const { calls, asked } = openQueue(['after'])
    const { bench, webhook, replay, stub } = await openReplay(rows(1))
    await replay()
    await asked(1)
    const [message] = calls.flat()
    if (!message) throw new Error('Nothing was replayed.')
    const monitor = bench.ports.monitor(webhook.id)
    await reportTo({ monitor, ref: bench.ref(webhook) }, [
      failing(message.event, { run: message.run }),
    ])
    await runDurableObjectAlarm(stub)
    expect(await bench.consumeDelivery(calls[1]?.[0] ?? message)).toEqual({ kind: 'ack' })
    await reportTo({ monitor, ref: bench.ref(webhook) }, [
      delivered(message.event, { run: message.run, attempt: 2 }),
    ])
    expect(bench.requests).toEqual([])
  })
})

describe('a deletion whose Worker dies', () => {
  async function openAnnounced() {
    openQueue([])
    const bench = await openPlatformBench()
    const webhook = await bench.webhook()
    const ref = bench.ref(webhook)
    const monitor = bench.ports.monitor(webhook.id)
    await reportTo({ monitor, ref }, [diverted(anEvent())])
    await monitor.expectDeletion(ref)
    // A stub of before is of no use once its object was killed.
    const kept = async () =>
      (await bench.ports.monitor(webhook.id).diverted({ limit: 9 })).items.length
    return { bench, ref, kept, stub: env.MONITORS.getByName(webhook.id) }
  }

  it('before the row was gone forgets nothing, and waits no longer than a minute', async () => {
    const { kept, stub } = await openAnnounced()
    await runDurableObjectAlarm(stub)
    expect(await kept()).toBe(1)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    await runDurableObjectAlarm(stub)
    expect(await kept()).toBe(1)
    const states = await runInDurableObject(stub, (_, { storage: { sql } }) =>
      sql.exec("SELECT state FROM jobs WHERE kind = 'deletion'").toArray(),
    )
    expect(states).toEqual([{ state: 'cancelled' }])
  })

  it('after it was gone forgets everything', async () => {
    const { bench, ref, kept, stub } = await openAnnounced()
    await bench.ports.webhooks.delete(ref)
    await abortAllDurableObjects()
    await runDurableObjectAlarm(stub)
    expect(await kept()).toBe(0)
  })
})

it('the removal of a tenant goes on when its object is killed', async () => {
  openQueue([])
  const bench = await openPlatformBench()
  const ids: string[] = []
  for (let n = 0; n < 25; n += 1) {
    const webhook = await bench.webhook()
    const monitor = bench.ports.monitor(webhook.id)
    await reportTo({ monitor, ref: bench.ref(webhook) }, [diverted(anEvent())])
    ids.push(webhook.id)
  }
  const { administration } = bench.engine
  const { jobId, queued } = await administration.deleteTenant(bench.tenantId)
  expect(queued).toBe(25)
  await abortAllDurableObjects()
  await runDurableObjectAlarm(env.DEPLOYMENT_JOBS.getByName('deployment'))
  expect(await administration.getJob(jobId)).toMatchObject({ state: 'done', done: 25, total: 25 })
  for (const id of ids) {
    expect((await bench.ports.monitor(id).diverted({ limit: 1 })).items).toEqual([])
  }
})

// What a publish sends itself, after its answer.

import { describe, expect, it } from 'vitest'
import type { FirstOutcome, Outcome } from '../../../src/engine/model/index.ts'
import type { LogLine, OutgoingRequest, Ports, Report } from '../../../src/engine/ports/index.ts'
import { HOLD } from '../../../src/tuning.ts'
import {
  aDelivery,
  Bench,
  broken,
  failedWith,
  handledBy,
  never,
  ok,
  timerOver,
} from '../../fixtures/bench.ts'
import { anEventDraft } from '../../fixtures/event-drafts.ts'

async function publish(bench: Bench, count = 1) {
  const drafts = Array.from({ length: count }, () => anEventDraft())
  return bench.engine.events.publish(bench.tenantId, drafts)
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** Waits of this length end when the test says so, all others never. */
function timed(length: number) {
  let waiting: (() => void)[] = []
  const timer: Ports['timer'] = (ms) =>
    timerOver(ms === length ? new Promise<void>((resolve) => void waiting.push(resolve)) : never())
  const pass = () => {
    const due = waiting
    waiting = []
    for (const resolve of due) resolve()
    return turn()
  }
  return { timer, pass }
}

/** Receivers that answer when told, the others at once. */
function answering(bench: Bench, byUrl: Readonly<Record<string, Outcome | Promise<Outcome>>>) {
  bench.respond = ({ url }: OutgoingRequest) => byUrl[url] ?? ok
}

const HANGING = 'https://hanging.example/'
const QUICK = 'https://quick.example/'
const REFUSED = {
  kind: 'failed',
  statusCode: 429,
  durationMs: 5,
  error: 'The receiver responded with status 429.',
  responseExcerpt: null,
} as const
const ATTEMPT_MS = 18_000
const WAVE_MS = 1_000

describe('a receiver that hangs', () => {
  async function openBoth(timer: Ports['timer']) {
    const bench = (await Bench.open()).with({ timer })
    const hanging = await bench.webhook({ url: HANGING })
    const quick = await bench.webhook({ url: QUICK })
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    answering(bench, { [HANGING]: promise })
    return { bench, hanging, quick, answer: resolve }
  }

  it('keeps no other from its events, which are noted within a wave', async () => {
    const { timer, pass } = timed(WAVE_MS)
    const { bench, hanging, quick, answer } = await openBoth(timer)
    const events = await publish(bench, 3)
    await turn()
    const sent = bench.requests.map(({ url }) => url).filter((url) => url === QUICK)
    expect(sent).toHaveLength(3)
    for (const event of events) expect(await bench.noted(event, quick)).toBeNull()
    await pass()
    for (const event of events) {
      expect(await bench.fate(event, quick)).toMatchObject({ status: 'delivered', attempts: 1 })
      expect(await bench.noted(event, hanging)).toBeNull()
    }
    answer(ok)
    await bench.settled()
    for (const event of events) {
      expect(await bench.fate(event, hanging)).toMatchObject({ status: 'delivered', attempts: 1 })
    }
    expect([bench.published, bench.handedOver]).toEqual([[], []])
  })

  it('gets no more once it leaves many unanswered for seconds, though its monitor cannot know yet', async () => {
    const { bench, hanging, quick, answer } = await openBoth(() => timerOver(never()))
    const since = Date.now()
    const at = (ms: number) => {
      const later = bench.with({ timer: () => timerOver(never()), clock: () => since + ms })
      later.respond = bench.respond
      return later
    }
    await publish(at(0), HOLD.silentAttempts)
    await turn()
    // Five connections of the first publish, and five of another one.
    await publish(at(10), HOLD.silentAttempts)
    await turn()
    const stillSent = at(HOLD.silentMs + 9)
    await publish(stillSent)
    await turn()
    expect(stillSent.requests.map(({ url }) => url).toSorted()).toEqual([HANGING, QUICK])
    const spared = at(HOLD.silentMs + 20)
    const [event] = await publish(spared)
    if (event === undefined) throw new Error('There is no event.')
    await spared.settled()
    expect(spared.requests.map(({ url }) => url)).toEqual([QUICK])
    expect(await bench.fate(event, hanging)).toMatchObject({ status: 'held', attempts: 0 })
    expect(await bench.fate(event, quick)).toMatchObject({ status: 'delivered' })
    answer(ok)
  })

  it('has what ends noted once, wave by wave', async () => {
    const { timer, pass } = timed(WAVE_MS)
    const { bench, answer } = await openBoth(timer)
    const noted: FirstOutcome[][] = []
    const { record } = bench.ports.eventLog(bench.tenantId)
    const counting = bench.with({
      timer,
      ...bench.eventLogsWhere({
        record: async (outcomes) => {
          noted.push([...outcomes])
          await record(outcomes)
        },
      }),
    })
    counting.respond = bench.respond
    await publish(counting, 2)
    await turn()
    await pass()
    await pass()
    expect(noted.map(({ length }) => length)).toEqual([2])
    answer(ok)
    await counting.settled()
    expect(noted.flat()).toHaveLength(4)
    const keys = noted.flat().map(({ eventId, webhookId }) => `${eventId}/${webhookId}`)
    expect(new Set(keys).size).toBe(4)
  })

  it('is left to a watchdog in the end, and its answer counts all the same', async () => {
    const { timer, pass } = timed(ATTEMPT_MS)
    const { bench, hanging, answer } = await openBoth(timer)
    const [event] = await publish(bench)
    if (!event) throw new Error('There is no event.')
    await turn()
    await pass()
    await turn()
    const { message, delaySeconds } = bench.takeHandedOver()
    expect(message).toMatchObject({ webhookId: hanging.id, role: 'watchdog', attempts: 0 })
    expect(delaySeconds).toBe(18)
    expect(await bench.noted(event, hanging)).toMatchObject({ delivered: null })
    answer(ok)
    await bench.settled()
    expect(await bench.fate(event, hanging)).toMatchObject({ status: 'delivered', attempts: 1 })
    expect(await bench.consumeDelivery(message)).toEqual({ kind: 'ack' })
    expect(bench.requests.filter(({ url }) => url === HANGING)).toHaveLength(1)
  })
})

describe('what a first attempt tells', () => {
  async function reported(respond: () => Outcome, { times = 1 } = {}) {
    const bench = await Bench.open()
    const webhook = await bench.webhook({ failureHandling: handledBy({ suspend: null }) })
    const reports: Report[] = []
    const told = bench.with({
      monitor: (id) => ({
        ...bench.ports.monitor(id),
        report: (report) => {
          reports.push(report)
          return bench.ports.monitor(id).report(report)
        },
      }),
    })
    const tell = async (outcome: Outcome) => {
      told.respond = () => outcome
      const [event] = await publish(told)
      await told.settled()
      if (!event) throw new Error('There is no event.')
      return event
    }
    for (let index = 0; index < times; index += 1) await tell(respond())
    return { bench: told, webhook, reports, tell }
  }

  it('of a healthy webhook its success tells the event log alone', async () => {
    const { bench, webhook, reports, tell } = await reported(() => ok)
    expect(reports).toEqual([])
    const event = await tell(ok)
    expect(reports).toEqual([])
    expect(await bench.noted(event, webhook)).toMatchObject({
      delivered: { statusCode: 204, durationMs: 5 },
    })
    expect(await bench.engine.webhooks.health(bench.ref(webhook))).toMatchObject({
      totals: { delivered: 2, failed: 0 },
    })
  })

  it('a failure goes to the monitor, and so does the success that ends it, and no later one', async () => {
    const { bench, webhook, reports, tell } = await reported(() => failedWith(500))
    expect(reports).toHaveLength(1)
    const recovered = await tell(ok)
    expect(reports).toHaveLength(2)
    expect(reports[1]?.entries).toMatchObject([{ attempt: { eventId: recovered.id } }])
    expect(await bench.noted(recovered, webhook)).toMatchObject({ delivered: null })
    const { health } = await bench.engine.webhooks.health(bench.ref(webhook))
    expect(health).toMatchObject({ consecutiveFailures: 0, failingSince: null })
    await tell(ok)
    expect(reports).toHaveLength(2)
  })

  it('a slow success goes to the monitor: the webhook may have to change its lane', async () => {
    const slow: Outcome = { kind: 'delivered', statusCode: 204, durationMs: 1_500 }
    const { bench, webhook, reports, tell } = await reported(() => slow)
    expect(reports).toHaveLength(1)
    await tell(slow)
    const { health } = await bench.engine.webhooks.health(bench.ref(webhook))
    expect(health).toMatchObject({ lane: 'slow' })
  })

  it('successes in the slow lane go to the monitor, until it leaves that', async () => {
    const failing = () => failedWith(500, 1_500)
    const { bench, webhook, reports, tell } = await reported(failing, { times: 2 })
    bench.handedOver.length = 0
    for (let index = 0; index < 5; index += 1) {
      await tell(ok)
      expect(await bench.consumeDelivery(bench.takeHandedOver().message)).toEqual({ kind: 'ack' })
    }
    expect(reports).toHaveLength(7)
    const { health } = await bench.engine.webhooks.health(bench.ref(webhook))
    expect(health).toMatchObject({ lane: 'fast', consecutiveFailures: 0 })
    await tell(ok)
    expect(reports).toHaveLength(7)
  })

  it('a success at a webhook of which nothing is known goes to the monitor, once', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    await bench.setState(webhook, { version: 0, isTroubled: true })
    let reports = 0
    const { report } = bench.ports.monitor(webhook.id)
    const counting = bench.with(
      bench.monitorsWhere({
        report: (told) => {
          reports += 1
          return report(told)
        },
      }),
    )
    for (let index = 0; index < 2; index += 1) {
      await publish(counting)
      await counting.settled()
    }
    expect(reports).toBe(1)
  })
})

describe('a failure', () => {
  it('is handed over for its retry, reported and noted as such', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    bench.respond = () => failedWith(500)
    const [answer] = await publish(bench)
    await bench.settled()
    const event = await bench.engine.events.get(bench.tenantId, answer?.id ?? '')
    const { webhookIds: _, ...plain } = event
    expect(bench.takeHandedOver()).toEqual({
      delaySeconds: 5,
      message: aDelivery(webhook, plain, { attempts: 1 }),
    })
    expect(await bench.noted(event, webhook)).toMatchObject({ delivered: null })
    expect(await bench.engine.events.deliveries(bench.tenantId, event.id)).toMatchObject([
      { webhookId: webhook.id, status: 'failing', attempts: 1 },
    ])
  })

  it.each<[string, (bench: Bench) => Parameters<Bench['with']>[0], () => Outcome]>([
    [
      'its retry cannot be handed over',
      () => ({ deliveries: { send: async () => broken() } }),
      () => failedWith(500),
    ],
    [
      'the event log takes no note',
      (bench) => bench.eventLogsWhere({ record: async () => broken() }),
      () => ok,
    ],
  ])('is not noted, and logged, where %s: the event log sends it on', async (_, down, respond) => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const stuck = bench.with(down(bench))
    stuck.respond = respond
    const [event] = await publish(stuck)
    if (!event) throw new Error('There is no event.')
    await stuck.settled()
    expect(await bench.noted(event, webhook)).toBeNull()
    expect(stuck.lines.filter((line) => line.event === 'publish.unrecorded')).toEqual([
      {
        event: 'publish.unrecorded',
        tenantId: bench.tenantId,
        deliveries: 1,
        error: 'Error: down',
      },
    ])
  })

  it('of ours after the answer is logged, and neither rejects nor is noted', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const lines: LogLine[] = []
    const buggy = bench.with({
      log: (line) => (line.event === 'attempt' ? broken() : void lines.push(line)),
    })
    const [event] = await publish(buggy)
    if (!event) throw new Error('There is no event.')
    await expect(buggy.settled()).resolves.toBeUndefined()
    expect(lines).toMatchObject([{ event: 'publish.unrecorded', deliveries: 1 }])
    expect(await bench.noted(event, webhook)).toBeNull()
  })

  it('to note one wave loses no other', async () => {
    const { timer, pass } = timed(WAVE_MS)
    const bench = await Bench.open()
    const hanging = await bench.webhook({ url: HANGING })
    const quick = await bench.webhook({ url: QUICK })
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const { record } = bench.ports.eventLog(bench.tenantId)
    let isDown = true
    const shaky = bench.with({
      timer,
      ...bench.eventLogsWhere({
        record: async (outcomes) => (isDown ? broken() : record(outcomes)),
      }),
    })
    answering(shaky, { [HANGING]: promise })
    const [event] = await publish(shaky)
    if (!event) throw new Error('There is no event.')
    await turn()
    await pass()
    isDown = false
    resolve(ok)
    await shaky.settled()
    expect(await bench.noted(event, hanging)).toMatchObject({ delivered: { statusCode: 204 } })
    expect(await bench.noted(event, quick)).toBeNull()
    // Its monitor was told instead: what comes again is not sent twice.
    const { webhookIds: _, ...plain } = await bench.engine.events.get(bench.tenantId, event.id)
    await bench.consumeEvents([plain], { redelivered: true })
    expect(bench.requests).toEqual([])
    expect(await bench.fate(event, quick)).toMatchObject({ status: 'delivered', attempts: 1 })
  })
})

describe('a webhook that is suspended', () => {
  it('gets nothing from a publish: its events are kept', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    bench.respond = () => failedWith(410)
    await publish(bench)
    await bench.settled()
    const [event] = await publish(bench)
    await bench.settled()
    expect(bench.requests).toHaveLength(1)
    const { items } = await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 9 })
    expect(items).toMatchObject([{ event: { id: event?.id }, trigger: 'suspended' }, {}])
  })
})

describe('a receiver that asks for a pause', () => {
  it('gets no more of the publish, nor of later ones, and what waits is with its monitor', async () => {
    const bench = await Bench.open()
    const refusal: Outcome = { ...REFUSED, retryAfterSeconds: 60 }
    answering(bench, { [QUICK]: refusal })
    const webhook = await bench.webhook({ url: QUICK })
    await publish(bench, 30)
    await bench.settled()
    // As many as were under way when it asked.
    expect(bench.requests).toHaveLength(5)
    await publish(bench, 3)
    await bench.settled()
    expect(bench.requests).toHaveLength(5)
    expect((await bench.ports.monitor(webhook.id).health()).waiting).toBe(28)
  })
})

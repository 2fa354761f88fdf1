// A component that neither answers nor fails. Time passes only where a test lets it.

import { describe, expect, it } from 'vitest'
import { toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import type { Monitor, Ports, Report } from '../../../src/engine/ports/index.ts'
import {
  aDelivery,
  anEvent,
  Bench,
  failedWith,
  handledBy,
  inbound,
  never,
  timerOver,
} from '../../fixtures/bench.ts'

const ACK = { kind: 'ack' }
const LATER = { kind: 'retry', delaySeconds: 10 }
/** Milliseconds: how long a batch waits for its log, for what it writes down, and for what all of it needs. */
const HALF_A_SECOND = 500
const FIVE_SECONDS = 5_000

/** Waits of this length last until `over` is called, others for ever. */
function timed(length: number): { over: () => void } & Pick<Ports, 'timer'> {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { over: resolve, timer: (ms) => timerOver(ms === length ? promise : never()) }
}

/** The memory of one webhook answers reports when told, those of the others at once; when that is done, `onOther` is called. */
function stuckMonitor(bench: Bench, webhookId: string, onOther: () => void) {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const monitor = (id: string): Monitor => ({
    ...bench.ports.monitor(id),
    async report(report: Report) {
      if (id === webhookId) await told
      const state = await bench.ports.monitor(id).report(report)
      if (id !== webhookId) setTimeout(onOther)
      return state
    },
  })
  return { monitor, tell }
}

describe('the memory of a webhook that hangs', () => {
  it('holds neither its batch nor what is written down about others', async () => {
    const bench = await Bench.open()
    const [stuck, other] = [await bench.webhook(), await bench.webhook()]
    const { over, timer } = timed(HALF_A_SECOND)
    const { monitor } = stuckMonitor(bench, stuck.id, over)
    const event = anEvent()
    const hanging = bench.with({ timer, monitor })
    // Of a success of a healthy webhook its memory is told nothing.
    hanging.respond = () => failedWith(410)
    expect(await hanging.consumeEvents([event])).toEqual(ACK)
    expect(await bench.fate(event, other)).toMatchObject({ status: 'diverted' })
    const { message } = hanging.takeHandedOver()
    expect(await bench.consumeDelivery(message)).toEqual(ACK)
    expect(await bench.fate(event, stuck)).toMatchObject({ status: 'diverted', attempts: 1 })
  })

  it('is not even asked where a healthy webhook has answered', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const hanging = bench.with({ ...bench.monitorsWhere({ report: never, states: never }) })
    expect(await hanging.consumeEvents([event])).toEqual(ACK)
    expect(hanging.handedOver).toEqual([])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('has each attempt once, whether it answers in the end or not', async () => {
    const bench = await Bench.open()
    const [stuck, _] = [await bench.webhook(), await bench.webhook()]
    const { over, timer } = timed(HALF_A_SECOND)
    const { monitor, tell } = stuckMonitor(bench, stuck.id, over)
    const hanging = bench.with({ timer, monitor })
    hanging.respond = () => failedWith(410)
    await hanging.consumeEvents([anEvent(), anEvent()])
    expect(hanging.handedOver).toHaveLength(2)
    tell()
    await hanging.settled()
    for (const { message } of hanging.handedOver) await bench.consumeDelivery(message)
    const { items } = await bench.engine.webhooks.attempts(bench.ref(stuck), { limit: 9 })
    expect(items).toHaveLength(2)
  })

  it('does not keep a retry from being handed over', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'schedule', delaysSeconds: [300] } }),
    })
    const { over, timer } = timed(HALF_A_SECOND)
    const hanging = bench.with({ timer, ...bench.monitorsWhere({ report: never }) })
    hanging.respond = () => {
      over()
      return failedWith(500)
    }
    expect(await hanging.consumeEvents([anEvent()])).toEqual(ACK)
    expect(
      hanging.handedOver.map(({ message: { kind }, delaySeconds }) => [kind, delaySeconds]),
    ).toEqual([
      ['deliver', 300],
      ['record', 10],
    ])
    expect(webhook.suspendedAt).toBeNull()
  })

  it('leaves a delivery that may have been made to the deliveries consumer, which asks again', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const { over, timer } = timed(HALF_A_SECOND)
    const hanging = bench.with({ timer, ...bench.monitorsWhere({ states: never }) })
    over()
    expect(await hanging.consumeEvents([anEvent()], { attempts: 2 })).toEqual(ACK)
    expect(hanging.requests).toEqual([])
    const deliveries = hanging.handedOver.filter(({ message }) => message.kind === 'deliver')
    // It may have been tried by a batch that handed nothing over: it must not give way to that.
    expect(deliveries).toMatchObject([{ message: { role: 'watchdog' }, delaySeconds: 0 }])
  })

  it('is asked for about a day before a delivery is made blindly', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const { over, timer } = timed(HALF_A_SECOND)
    const hanging = bench.with({ timer, ...bench.monitorsWhere({ states: never }) })
    over()
    const message = aDelivery(webhook, anEvent(), { role: 'duplicate' })
    const delays = []
    for (const attempts of [1, 2, 3, 89]) {
      const verdict = await hanging.consumeDelivery(message, { attempts })
      delays.push(verdict?.kind === 'retry' && verdict.delaySeconds)
    }
    expect(delays).toEqual([10, 20, 40, 900])
    expect(hanging.requests).toEqual([])
    await hanging.consumeDelivery(message, { attempts: 90 })
    expect(hanging.requests).toHaveLength(1)
  })

  it('lets a report that came late wait, and the deliveries beside it go', async () => {
    const bench = await Bench.open()
    const [stuck, other] = [await bench.webhook(), await bench.webhook()]
    const event = anEvent()
    const mute = bench.with(bench.monitorsWhere({ report: () => Promise.reject(new Error()) }))
    await mute.consumeDelivery(aDelivery(stuck, event))
    const { message: report } = mute.takeHandedOver()
    const { over, timer } = timed(HALF_A_SECOND)
    const hanging = bench.with({ timer, ...stuckMonitor(bench, stuck.id, () => {}) })
    over()
    const batch = [report, aDelivery(other, event)].map((one) => inbound(toDeliveryText(one)))
    expect(await hanging.engine.consumers.slowDeliveries(batch)).toEqual([LATER, ACK])
    expect(hanging.requests).toHaveLength(1)
  })
})

describe('what a whole batch needs', () => {
  it.each<[string, (ports: Ports, hang: () => Promise<never>) => Parameters<Bench['with']>[0]]>([
    [
      'the event log, accepting',
      ({ eventLog }, hang) => ({ eventLog: (id) => ({ ...eventLog(id), accept: hang }) }),
    ],
    [
      'the event log, noting',
      ({ eventLog }, hang) => ({ eventLog: (id) => ({ ...eventLog(id), record: hang }) }),
    ],
    ['the deliveries queue', (_, hang) => ({ deliveries: { send: hang } })],
  ])('makes it come again after five seconds, and be delivered then: %s', async (_, broken) => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const { over, timer } = timed(FIVE_SECONDS)
    const hang = () => {
      over()
      return never()
    }
    const hanging = bench.with({ timer, ...broken(bench.ports, hang) })
    hanging.respond = () => failedWith(500)
    const event = anEvent()
    expect(await hanging.consumeEvents([event])).toEqual(LATER)
    expect(await bench.consumeEvents([event], { attempts: 2 })).toEqual(ACK)
    for (const { message } of bench.handedOver) {
      await bench.with({ clock: () => Date.now() + 60_000 }).consumeDelivery(message)
    }
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered' })
  })
})

describe('what is done for several messages', () => {
  it('is done at the same time: accepting their events', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const { over, timer } = timed(FIVE_SECONDS)
    let accepting = 0
    const accept = () => {
      accepting += 1
      if (accepting === 4) over()
      return never()
    }
    const hanging = bench.with({ timer, ...bench.eventLogsWhere({ accept }) })
    const messages = [1, 2, 3, 4].map(() => inbound(bench.eventMessage([anEvent()])))
    const verdicts = await hanging.engine.consumers.events(messages)
    expect(verdicts).toEqual([LATER, LATER, LATER, LATER])
    expect(hanging.requests).toEqual([])
  })
})

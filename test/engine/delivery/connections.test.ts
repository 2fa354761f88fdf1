// An invocation has six connections that wait for an answer; requests and sends to queues share them (Cloudflare,
// "Workers limits"). The local runtime does not count them, so that this test does.

import { expect, it } from 'vitest'
import { anEvent, Bench, inbound, never, noTime, ok } from '../../fixtures/bench.ts'

/** Work that waits for one of six connections. */
function sixConnections() {
  let free = 6
  const line: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => line.push(resolve))
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next) next()
      else free += 1
    }
  }
}

it('receivers that hang leave a connection for what must be handed over', async () => {
  const bench = await Bench.open()
  const connect = sixConnections()
  let handedOver = 0
  const crowded = bench.with({
    ...noTime,
    send: ({ url }) => connect(async () => (url.includes('hangs') ? never() : ok)),
    deliveries: {
      send: (messages) =>
        connect(async () => {
          handedOver += messages.length
        }),
    },
  })
  await bench.webhook({ url: 'https://hangs.example/' })
  const events = Array.from({ length: 5 }, () => anEvent())
  const messages = [bench.eventMessage(events), bench.eventMessage([anEvent({ type: 'other' })])]
  const verdicts = await crowded.engine.consumers.events(messages.map((text) => inbound(text)))
  expect(verdicts).toEqual([{ kind: 'ack' }, { kind: 'ack' }])
  expect(handedOver).toBe(5)
})

// A stream of events ends in words, and never silently.

import { describe, expect, it } from 'vitest'
import { eventStream, positionInStream, serverSentEvent } from '../../src/http/event-stream.ts'

const timing = { stepMs: 1, heartbeatMs: 60_000, lastsMs: 60_000 }

const neverFails = (reason: unknown): void => {
  throw reason
}

const read = (stream: ReadableStream<Uint8Array>) => new Response(stream).text()

describe('a stream of events', () => {
  it('is what it was given, until the end', async () => {
    const given = [serverSentEvent('attempt', { a: 'x\ny' }), '', positionInStream('7'), null]
    const next = () => Promise.resolve(given.shift() ?? null)
    expect(await read(eventStream(next, neverFails, timing))).toBe(
      'retry: 1\n\nevent: attempt\ndata: {"a":"x\\ny"}\n\nid: 7\n\n' +
        'event: end\ndata: {"reason":"credential_ended"}\n\n',
    )
  })

  it('says that its time is over', async () => {
    const next = () => Promise.resolve('')
    const text = await read(eventStream(next, neverFails, { ...timing, lastsMs: 0 }))
    expect(text).toBe('retry: 1\n\nevent: end\ndata: {"reason":"time_over"}\n\n')
  })

  it('says in silence that it is there', async () => {
    let looks = 0
    const next = () => Promise.resolve(++looks > 2 ? null : '')
    const text = await read(eventStream(next, neverFails, { ...timing, heartbeatMs: 0 }))
    expect(text).toMatch(/^retry: 1\n\n: there\n\n: there\n\nevent: end\n/)
  })

  it('ends where looking fails, and tells why', async () => {
    const told: unknown[] = []
    const reason = new Error('D1 is away')
    const next = () => Promise.reject(reason)
    const text = await read(eventStream(next, (one) => told.push(one), timing))
    const said = 'retry: 1\n\nevent: end\ndata: {"reason":"unavailable"}\n\n'
    expect({ text, told }).toEqual({ text: said, told: [reason] })
  })
})

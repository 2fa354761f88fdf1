// The contract of Send: one POST, and whatever happens is an outcome.

import { describe, expect, it } from 'vitest'
import type { CheckTarget, OutgoingRequest, Send } from '../../src/engine/ports/index.ts'

/** What a receiver does with a request. */
export interface ReceiverAnswer {
  /** Null: the connection fails. */
  readonly status: number | null
  readonly retryAfter?: string | undefined
  readonly allowedRate?: string | undefined
  readonly allowedOrigin?: string | undefined
  readonly text?: string | undefined
  /** Milliseconds that it takes; at once unless told. */
  readonly afterMs?: number
}

export interface SendOptions {
  readonly answer: ReceiverAnswer
  readonly checkTarget: CheckTarget
}

export interface SendSubject {
  readonly send: Send
  /** What the receiver got so far. */
  readonly received: () => readonly Pick<OutgoingRequest, 'url' | 'headers' | 'body'>[]
  /** The time of the sender's clock, Unix milliseconds. */
  readonly now: () => number
  readonly pass: (ms: number) => Promise<void>
}

const REQUEST: OutgoingRequest = {
  url: 'https://receiver.example/hook?token=hidden',
  headers: [
    ['webhook-id', '1'],
    ['x-secret', 'hidden'],
  ],
  body: '{"text":"Grüße"}',
  timeoutMs: 3_000,
}

/** `make` gives a sender, and a receiver that answers so. */
export function sendContract(make: (options: SendOptions) => SendSubject): void {
  describe('a sender', () => {
    const open = (answer: ReceiverAnswer) => make({ answer, checkTarget: () => null })

    it('makes one request, as it was given', async () => {
      const { send, received } = open({ status: 204 })
      await send(REQUEST)
      const { url, headers, body } = REQUEST
      expect(received()).toEqual([{ url, headers, body }])
    })

    it('hands on what a 207 says, to whoever wants it', async () => {
      const text = '[{"id":"1","status":503}]'
      const { send } = open({ status: 207, text })
      const told = await send({ ...REQUEST, wantsAnswer: true })
      expect(told).toMatchObject({ kind: 'delivered', statusCode: 207, answer: text })
      expect(await send(REQUEST)).not.toHaveProperty('answer')
      const done = await open({ status: 200, text }).send({ ...REQUEST, wantsAnswer: true })
      expect(done).not.toHaveProperty('answer')
    })

    it('asks who may send, and hands on the answer to that alone', async () => {
      const allowed = { status: 200, allowedOrigin: 'hooks.example' }
      const asked = await open(allowed).send({ ...REQUEST, method: 'OPTIONS', body: '' })
      expect(asked).toMatchObject({ kind: 'delivered', allowedOrigin: 'hooks.example' })
      expect(await open(allowed).send(REQUEST)).not.toHaveProperty('allowedOrigin')
    })

    it.each([
      [200, '120', 120],
      [200, ' 1 ', 1],
      [429, '60', 60],
      [500, '100000', 100_000],
      [204, '*', null],
      [200, '100001', null],
      [200, '0', undefined],
      [200, '-5', undefined],
      [200, '1.5', undefined],
      [200, 'a lot', undefined],
      [200, undefined, undefined],
    ])('%i with an allowed rate of %s allows %s', async (status, allowedRate, expected) => {
      const { allowedPerMinute } = await open({ status, allowedRate }).send(REQUEST)
      expect(allowedPerMinute).toBe(expected)
    })

    it.each([200, 202, 204])('has delivered when the answer is %i', async (status) => {
      const outcome = await open({ status }).send(REQUEST)
      expect(outcome).toMatchObject({ kind: 'delivered', statusCode: status })
      expect(outcome.durationMs).toBeGreaterThanOrEqual(0)
    })

    it.each([302, 404, 410, 429, 500])('has failed when the answer is %i', async (status) => {
      const outcome = await open({ status }).send(REQUEST)
      expect(outcome).toMatchObject({
        ...{ kind: 'failed', statusCode: status, retryAfterSeconds: null },
        error: expect.stringMatching(SENTENCE),
      })
      expect(JSON.stringify(outcome)).not.toContain('hidden')
    })

    it('follows no redirect', async () => {
      const { send, received } = open({ status: 307 })
      await send(REQUEST)
      expect(received()).toHaveLength(1)
    })

    it.each([null, 'seconds', 'a date', 'nonsense'])('reads a Retry-After: %s', async (kind) => {
      const clock = open({ status: 503 }).now()
      const [retryAfter, seconds] = {
        seconds: ['120', 120] as const,
        'a date': [new Date(clock + 60_000).toUTCString(), 60] as const,
        nonsense: ['soon', null] as const,
      }[kind ?? ''] ?? [undefined, null]
      const outcome = await open({ status: 503, retryAfter }).send(REQUEST)
      expect(outcome).toMatchObject({ retryAfterSeconds: seconds })
    })

    it('has failed without an answer when the connection does', async () => {
      expect(await open({ status: null }).send(REQUEST)).toMatchObject(UNANSWERED)
    })

    it('waits for an answer that is in time', async () => {
      const { send, pass } = open({ status: 200, afterMs: 2_000 })
      const sending = send(REQUEST)
      await pass(2_000)
      expect(await sending).toEqual({ kind: 'delivered', statusCode: 200, durationMs: 2_000 })
    })

    it('waits no longer than it may', async () => {
      const { send, received, pass } = open({ status: 200, afterMs: 10_000 })
      const sending = send(REQUEST)
      await pass(3_000)
      expect(await sending).toMatchObject({ ...UNANSWERED, durationMs: 3_000 })
      expect(received()).toHaveLength(1)
    })

    it('asks no target that is refused, and says why', async () => {
      const checkTarget = (url: string) => `Not to ${new URL(url).hostname}.`
      const { send, received } = make({ answer: { status: 200 }, checkTarget })
      expect(await send(REQUEST)).toMatchObject({
        ...UNANSWERED,
        error: 'Not to receiver.example.',
      })
      expect(received()).toEqual([])
    })
  })
}

const SENTENCE = /^[A-Z].*\.$/
const UNANSWERED = {
  kind: 'failed',
  statusCode: null,
  error: expect.stringMatching(SENTENCE),
  responseExcerpt: null,
  retryAfterSeconds: null,
}

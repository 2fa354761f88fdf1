import { expect, it } from 'vitest'
import { createRepeatedCalls } from '../../../src/engine/configuration/repeated-calls.ts'
import { IDEMPOTENCY } from '../../../src/limits.ts'
import { createMemoryStores } from '../../fakes/stores.ts'

const CALL = { key: 'k', contentHash: 'h' }

const answered = (text: string) => ({ text, contentOf: null })

/** Time passes only while somebody waits. */
function openCalls() {
  let now = 1_000
  const timer = (ms: number) => {
    now += ms
    return { over: Promise.resolve(), stop: () => {} }
  }
  const { idempotency } = createMemoryStores()
  const calls = createRepeatedCalls({ clock: () => now, idempotency, timer })
  return {
    calls,
    later: (ms: number) => {
      now += ms
    },
  }
}

it('answers a repetition as the first, without doing it again, for twelve hours', async () => {
  const { calls, later } = openCalls()
  let made = 0
  const make = async () => answered(`answer ${++made}`)
  expect(await calls.once(CALL, make)).toBe('answer 1')
  later(12 * 60 * 60 * 1_000 - 1)
  expect(await calls.once(CALL, make)).toBe('answer 1')
  later(1)
  expect(await calls.once(CALL, make)).toBe('answer 2')
})

it('refuses the key for another request', async () => {
  const { calls } = openCalls()
  await calls.once(CALL, async () => answered('answer'))
  const other = calls.once({ ...CALL, contentHash: 'other' }, async () => answered('other'))
  await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' })
})

it('does again what was refused', async () => {
  const { calls } = openCalls()
  const refused = calls.once(CALL, async () => {
    throw new Error('refused')
  })
  await expect(refused).rejects.toThrow('refused')
  expect(await calls.once(CALL, async () => answered('answer'))).toBe('answer')
})

it('waits for a first call that is under way, and not for ever', async () => {
  const { calls } = openCalls()
  const { promise, resolve } = Promise.withResolvers<string>()
  const first = calls.once(CALL, () => promise.then(answered))
  const second = calls.once(CALL, async () => answered('second'))
  await expect(second).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 })
  resolve('first')
  expect(await first).toBe('first')
  expect(await calls.once(CALL, async () => answered('third'))).toBe('first')
})

it('takes the place of a call that was lost', async () => {
  const { calls, later } = openCalls()
  void calls.once(CALL, () => new Promise(() => {}))
  later(IDEMPOTENCY.underWayMs)
  expect(await calls.once(CALL, async () => answered('second'))).toBe('second')
})

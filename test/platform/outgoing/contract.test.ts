// Timers, senders and checks of targets on Cloudflare keep the contracts of their ports.

import { afterEach, beforeEach, vi } from 'vitest'
import type { OutgoingRequest } from '../../../src/engine/ports/index.ts'
import { createSender } from '../../../src/platform/outgoing/send.ts'
import { Timers } from '../../../src/platform/outgoing/timers.ts'
import { createAddressCheck } from '../../../src/platform/target-policy/check-addresses.ts'
import { checkTarget } from '../../../src/platform/target-policy/check-target.ts'
import { type ReceiverAnswer, type SendSubject, sendContract } from '../../contracts/send.ts'
import { checkAddressesContract, checkTargetContract } from '../../contracts/targets.ts'
import { timerContract } from '../../contracts/timer.ts'

beforeEach(() => {
  vi.useFakeTimers({
    now: Date.UTC(2026, 10, 22),
    toFake: ['setTimeout', 'clearTimeout', 'Date'],
  })
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms)
}

/** A receiver behind `fetch`. */
async function respond({
  status,
  retryAfter,
  allowedRate,
  allowedOrigin,
  text,
  afterMs = 0,
}: ReceiverAnswer): Promise<Response> {
  if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
  if (status === null) throw new TypeError('Network connection lost: hidden.')
  return new Response(text ?? null, {
    status,
    headers: {
      ...(retryAfter && { 'retry-after': retryAfter }),
      ...(allowedRate && { 'webhook-allowed-rate': allowedRate }),
      ...(allowedOrigin && { 'webhook-allowed-origin': allowedOrigin }),
    },
  })
}

timerContract(() => {
  const timers = new Timers()
  return { timer: (ms) => timers.timer(ms), pass }
})

sendContract(({ answer, checkTarget }): SendSubject => {
  const received: Pick<OutgoingRequest, 'url' | 'headers' | 'body'>[] = []
  const send = createSender({
    checkTarget,
    clock: Date.now,
    fetch: async (url, init) => {
      const body = init.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : ''
      received.push({ url, headers: [...new Headers(init.headers)], body })
      return respond(answer)
    },
  })
  return { send, received: () => received, now: Date.now, pass }
})

checkTargetContract(() => {
  const policy = { allowPrivate: false, ownHosts: new Set<string>() }
  return (url) => checkTarget(url, policy)
})

checkAddressesContract((names) =>
  createAddressCheck({
    resolverUrl: 'https://dns.example/dns-query',
    fetch: async (url) => {
      const { searchParams } = new URL(url)
      const addresses = names[searchParams.get('name') ?? ''] ?? []
      if (addresses === 'down') throw new TypeError('Network connection lost.')
      const isAsked = searchParams.get('type') === 'A'
      const records = isAsked ? addresses.map((data) => ({ type: 1, data })) : []
      return Response.json({ Status: 0, Answer: records })
    },
  }),
)

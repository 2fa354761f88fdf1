// What the runtime itself says of connections that fail, as an attempt shows it: real names, sockets and handshakes.

import { expect, inject, it } from 'vitest'
import { createSender } from '../../../src/platform/outgoing/send.ts'

const { silent, garbled, closed } = inject('brokenReceivers')
const LOST = 'The connection failed: it was refused, reset, or closed before a response.'
const UNNAMED = 'The connection failed: DNS, TCP or TLS (the runtime does not report which).'
const WITHOUT_DNS = 'The connection failed: TCP or TLS (the runtime does not report which).'
const WITHOUT_TLS = 'The connection failed: DNS or TCP (the runtime does not report which).'

it.each([
  ['a name that does not resolve', 'http://no-such-host.invalid/', WITHOUT_TLS],
  ['such a name over TLS', 'https://no-such-host.invalid/', UNNAMED],
  ['a refused connection', `http://127.0.0.1:${closed}/`, LOST],
  ['a connection that is closed at once', `http://127.0.0.1:${silent}/`, LOST],
  ['a response that is none', `http://127.0.0.1:${garbled}/`, LOST],
  ['such a handshake of a name', `https://localhost:${garbled}/`, UNNAMED],
  ['a TLS handshake that is none', `https://127.0.0.1:${garbled}/`, WITHOUT_DNS],
])('%s', async (_, url, error) => {
  const send = createSender({ checkTarget: () => null, clock: Date.now })
  const outcome = await send({ url, headers: [], body: '{}', timeoutMs: 5_000 })
  expect(outcome).toMatchObject({ kind: 'failed', statusCode: null, error })
})

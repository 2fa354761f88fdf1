// Every field of every request, filled with what does not belong there: refused or taken, never a crash.

import { describe, expect, it } from 'vitest'
import { openClient } from './client.ts'

/** JSON texts, because some of them are nothing that `JSON.stringify` writes. */
const HOSTILE = [
  'null',
  'true',
  '0',
  '-1.5',
  '1e999',
  '""',
  '"\\u0000\\r\\n"',
  '"\\ud800"',
  '"__proto__"',
  `"${'x'.repeat(10_000)}"`,
  '[]',
  '[null,[],{}]',
  '{}',
  '{"__proto__":{"url":"https://a.example/"},"toString":1,"length":5}',
  '{"constructor":["1"],"hasOwnProperty":["1"],"__proto__":["1"]}',
] as const

const endpoint = ['url', 'hmacEnabled', 'secret', 'secureSsl', 'tag']
const within = (path: string, names: readonly string[]) => names.map((name) => `${path}.${name}`)
const retry = within('failureHandling.retryStrategy', ['attempts', 'interval', 'type'])
const alert = 'failureHandling.alertEndpoint'

const FIELDS = {
  POST: [
    ...['name', 'enabled', 'endpoint', 'failureHandling', 'eventTypes', 'useAutomationPlugin'],
    ...within('endpoint', [...endpoint, 'headers']),
    ...within('failureHandling', [
      'alertEndpoint',
      'divert',
      'retryStrategy',
      'suspend',
      'triggers',
    ]),
    ...retry,
    ...within(alert, [...endpoint, 'headers', 'asUrl']),
  ],
  PATCH: [
    ...['name', 'enabled', 'endpoint', 'failureHandling', 'removeFailureHandling'],
    ...['addEventTypes', 'removeEventTypes'],
    ...within('endpoint', [...endpoint, 'addHeaders', 'removeHeaders']),
    ...within('failureHandling', ['alertEndpoint', 'removeAlertEndpoint', 'removeRetryStrategy']),
    ...within('failureHandling', ['addTriggers', 'removeTriggers']),
    ...retry,
    ...within(alert, [...endpoint, 'addHeaders', 'removeHeaders', 'asUrl']),
  ],
} as const

/** A legal request with `text` at `path`. */
function withText(path: string, text: string): string {
  const url = 'https://receiver.example/'
  const body: Record<string, unknown> = {
    name: 'Note',
    enabled: true,
    endpoint: { url },
    eventTypes: ['policy.issue'],
    failureHandling: { retryStrategy: {}, alertEndpoint: { url } },
  }
  const names = path.split('.')
  const last = names.pop() ?? ''
  let place = body
  for (const name of names) place = place[name] as Record<string, unknown>
  place[last] = '\u0001'
  return JSON.stringify(body).replace('"\\u0001"', () => text)
}

describe.each(['POST', 'PATCH'] as const)('%s', (method) => {
  it.each(FIELDS[method].map((path) => [path]))('survives anything as %s', async (path) => {
    const { create, request } = await openClient()
    const { locator } = await create()
    const target = method === 'POST' ? '/webhooks' : `/webhooks/${locator}`
    for (const text of HOSTILE) {
      const answer = await request(method, target, withText(path, text))
      expect([200, 400], `${text}: ${answer.text}`).toContain(answer.status)
    }
    expect(await request('GET', `/webhooks/${locator}`)).toMatchObject({ status: 200 })
    expect(await request('GET', '/webhooks/list')).toMatchObject({ status: 200 })
  })
})

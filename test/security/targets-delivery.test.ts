// The address policy at the moment of delivery: what was configured while it was legal is refused then, and a receiver
// that redirects leads nowhere.

import { env } from 'cloudflare:workers'
import { describe, expect, inject, it, vi } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { createSender } from '../../src/platform/outgoing/send.ts'
import { checkTarget } from '../../src/platform/target-policy/check-target.ts'
import { call, createWebhook, eventually, fares, final, openWorld } from '../end-to-end/world.ts'
import { callInstead, openReceiver, publish, type TestKey } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { HOSTILE, OWN_HOSTS, PRIVATE } from '../platform/target-policy/corpus.ts'

const lenient = startWorker(dialects, { ALLOW_PRIVATE_TARGETS: 'true' })
const strict = startWorker(dialects, {
  ALLOW_PRIVATE_TARGETS: 'false',
  OWN_HOSTS: OWN_HOSTS.join(),
})

const event = { type: 'invoice.paid', data: '{"total":1}' }

interface Attempts {
  readonly items: readonly {
    readonly statusCode: number | null
    readonly error: string | null
    readonly responseExcerpt: string | null
  }[]
}
const attemptsOf = async (key: TestKey, webhook: { readonly id: string }) =>
  (await call<Attempts>(key, 200, 'GET', `/webhooks/${webhook.id}/attempts`)).items

describe('the sender', () => {
  it('sends nothing to a hostile target and says which rule it broke', async ({ task }) => {
    const fetch = vi.fn(async () => new Response(null, { status: 204 }))
    const policy = { allowPrivate: false, ownHosts: new Set(OWN_HOSTS) }
    const send = createSender({
      checkTarget: (url) => checkTarget(url, policy),
      clock: Date.now,
      fetch,
    })
    for (const [url, sentence] of HOSTILE) {
      expect(await send({ url, headers: [], body: '{}', timeoutMs: 1_000 })).toEqual({
        kind: 'failed',
        statusCode: null,
        durationMs: 0,
        error: sentence,
        responseExcerpt: null,
        retryAfterSeconds: null,
        isUnsent: true,
      })
    }
    expect(fetch).not.toHaveBeenCalled()
    task.meta.counted = `${HOSTILE.length} hostile targets refused at delivery`
  })
})

describe('a webhook that was made when its target was legal', () => {
  // One of each kind; the sender has been asked about all of them.
  const kinds = new Map(PRIVATE.map((row) => [row[1], row]))
  const targets = [
    ...[...kinds.values()].map(([host, what, [url = '']]) => [url, host, what] as const),
    ['https://hök.example/', 'xn--hk-fka.example', 'this service itself'] as const,
  ]

  it('is refused at delivery with the rule named, and nothing is sent', async ({ task }) => {
    callInstead(lenient.fetch)
    const { key } = await openWorld()
    const reachable = openReceiver()
    const fetch = vi.mocked(globalThis.fetch)
    fetch.mockClear()
    const webhooks = []
    for (const [url, host, what] of targets) {
      const webhook = await createWebhook(key, { ...reachable, url }, final)
      webhooks.push({ webhook, sentence: `The host ${host} is ${what} and cannot be a target.` })
    }
    const last = await createWebhook(key, reachable)

    callInstead(strict.fetch)
    const id = await publish(key, event)
    await fares(key, id, last, 'delivered')
    for (const { webhook, sentence } of webhooks) {
      await fares(key, id, webhook, 'diverted')
      expect(await attemptsOf(key, webhook)).toMatchObject([{ statusCode: null, error: sentence }])
    }
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([reachable.url])
    task.meta.counted = `${targets.length} stored targets refused at delivery`
  })

  it('gets no alert at an alertUrl that breaks a rule by then', async () => {
    callInstead(lenient.fetch)
    const { key } = await openWorld()
    const receiver = openReceiver(() => new Response(null, { status: 500 }))
    const handling = { failureHandling: { retry: null, alertUrl: 'https://alert.example/' } }
    const webhook = await createWebhook(key, receiver, handling)
    // As a version that had no rule about ports might have stored it; alerts go through the deployment's own queue.
    await env.DB.prepare(
      `UPDATE webhooks SET failure_handling = json_set(failure_handling, '$.alertUrl', ?) WHERE id = ?`,
    )
      .bind('http://alert.example:25/', webhook.id)
      .run()
    const log = vi.spyOn(console, 'log')
    const fetch = vi.mocked(globalThis.fetch)
    fetch.mockClear()

    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    await eventually(async () => {
      const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)))
      expect(lines).toContainEqual(
        expect.objectContaining({ event: 'alert', webhookId: webhook.id, outcome: 'failed' }),
      )
    })
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([receiver.url])
    log.mockRestore()
  })

  it('keeps its target through other changes, but not through one of its own', async () => {
    callInstead(lenient.fetch)
    const { key } = await openWorld()
    const webhook = await createWebhook(key, { ...openReceiver(), url: 'http://10.0.0.1/' })
    callInstead(strict.fetch)
    await call(key, 200, 'PATCH', `/webhooks/${webhook.id}`, { name: 'old' })
    await call(key, 400, 'PATCH', `/webhooks/${webhook.id}`, { url: 'http://10.0.0.2/' })
  })
})

describe('a receiver that redirects', () => {
  const redirector = inject('redirector')
  const seen = async (): Promise<readonly string[]> =>
    await (await fetch(`${redirector}/seen`)).json()
  const send = createSender({ checkTarget: () => null, clock: Date.now })

  it.each([301, 302, 303, 307, 308])(
    'with %d is a failure, and nobody goes where it leads',
    async (status) => {
      vi.mocked(globalThis.fetch).mockRestore?.()
      const outcome = await send({
        url: `${redirector}/${status}/private-${status}`,
        headers: [['webhook-signature', 'v1,signature']],
        body: '{}',
        timeoutMs: 5_000,
      })
      expect(outcome).toMatchObject({
        kind: 'failed',
        statusCode: status,
        error: `The receiver responded with status ${status}. Redirects are not followed.`,
        responseExcerpt: 'this way',
      })
      const paths = await seen()
      expect(paths).toContain(`/${status}/private-${status}`)
      expect(paths).not.toContain(`/private-${status}`)
    },
  )

  it('would have been followed by a fetch that is not told otherwise', async () => {
    const followed = await fetch(`${redirector}/302/followed`, { method: 'POST', body: '{}' })
    expect(await followed.text()).toBe('arrived')
    expect(await seen()).toContain('/followed')
  })
})

// What a receiver is asked, and what its answers say.

import { describe, expect, it } from 'vitest'
import { nativeRuntime } from '../../../src/api/native-wire.ts'
import { changesOfWebhook } from '../../../src/engine/audit/changed-fields.ts'
import { askReceiver, nextVerification } from '../../../src/engine/configuration/verification.ts'
import { createWebhooks } from '../../../src/engine/configuration/webhooks.ts'
import type { Outcome, VerificationMethod, Webhook } from '../../../src/engine/model/index.ts'
import { isPausedFor } from '../../../src/engine/model/index.ts'
import type { LogLine, OutgoingRequest } from '../../../src/engine/ports/index.ts'
import { aWebhook } from '../../contracts/store-fixtures.ts'
import { Bench, ok } from '../../fixtures/bench.ts'
import { NO_KEYS } from '../../fixtures/signing-keys.ts'

const NOW = Date.UTC(2026, 10, 27)

const AN_EVENT = {
  ...{ type: 'invoice.paid', data: '{}', time: null, scope: {} },
  ...{ actor: null, requestId: null, deduplicationKey: null },
}

interface Answer {
  readonly status?: number
  readonly body?: string
  readonly origin?: string
  readonly allowed?: number
}

/** Asks a receiver that answers so; `TOKEN` in a body stands for what it got. */
async function ask(
  method: VerificationMethod,
  { status = 200, body = '', origin, allowed }: Answer,
  { host = 'hooks.example', ...fields }: Partial<Webhook> & { readonly host?: string | null } = {},
) {
  const requests: OutgoingRequest[] = []
  const lines: LogLine[] = []
  const verdict = await askReceiver(aWebhook(1, fields), method, {
    clock: () => NOW,
    log: (line) => lines.push(line),
    dialectRuntimes: () => nativeRuntime,
    settings: {
      ...{ delayScale: 1, webhooksPerTenant: 1, fanOut: 1, firstAttempts: 1, shards: [] },
      ...{ unlistedEventTypes: 'allow', variables: {}, publicHost: host },
      httpSigning: NO_KEYS,
    },
    async send(request): Promise<Outcome> {
      requests.push(request)
      const { challenge = '' } = request.body === '' ? {} : JSON.parse(request.body)
      const extra = {
        ...(origin !== undefined && { allowedOrigin: origin }),
        ...(allowed !== undefined && { allowedPerMinute: allowed }),
      }
      const answered = { statusCode: status, durationMs: 7, ...extra }
      const responseExcerpt = body.replace('TOKEN', challenge)
      if (status < 300) return { kind: 'delivered', ...answered, responseExcerpt }
      const error = `The receiver responded with status ${status}.`
      return { kind: 'failed', ...answered, error, responseExcerpt, retryAfterSeconds: null }
    },
  })
  return { ...verdict, request: requests[0], lines }
}

describe('a challenge', () => {
  it.each([
    ['as its body', 'TOKEN'],
    ['with white space around', ' TOKEN\n'],
    ['as JSON', '"TOKEN"'],
    ['in an object', '{"challenge":"TOKEN","more":1}'],
  ])('is repeated %s', async (_, body) => {
    const { verification, lines } = await ask('challenge', { body })
    expect(verification).toEqual({
      method: 'challenge',
      askedAt: NOW,
      verifiedAt: NOW,
      error: null,
    })
    expect(lines).toMatchObject([{ event: 'webhook.verification', isVerified: true }])
  })

  it.each([
    ['nothing', ''],
    ['another one', '{"challenge":"f00"}'],
    ['a part', '{"token":"TOKEN"}'],
    ['null', 'null'],
  ])('is not repeated by %s', async (_, body) => {
    const { verification, lines } = await ask('challenge', { body })
    expect(verification.error).toMatch(/did not repeat/)
    expect(lines).toMatchObject([{ isVerified: false, statusCode: 200 }])
  })

  it('is repeated in vain by whoever refuses', async () => {
    const { verification } = await ask('challenge', { status: 500, body: 'TOKEN' })
    expect(verification.error).toBe('The receiver responded with status 500.')
  })

  it('is another one each time, with the headers of its owner', async () => {
    const secrets = { signing: [], headers: [['x-mine', '1']], attributes: {} } as const
    const first = await ask('challenge', { body: 'TOKEN' }, { secrets })
    const second = await ask('challenge', { body: 'TOKEN' }, { secrets })
    expect(first.request?.body).not.toBe(second.request?.body)
    expect(first.request?.headers).toContainEqual(['x-mine', '1'])
  })
})

describe('the handshake of CloudEvents', () => {
  it('names who asks, and how much it wants to send', async () => {
    const rate = { perSecond: 2, perMinute: null, concurrency: null }
    const { request } = await ask(
      'cloudevents',
      { origin: '*' },
      { throttle: { since: 0, rate }, secrets: { signing: [], headers: [], attributes: {} } },
    )
    expect(request).toMatchObject({ method: 'OPTIONS', body: '' })
    expect(request?.headers).toEqual([
      ['webhook-request-origin', 'hooks.example'],
      ['webhook-request-rate', '120'],
    ])
  })

  it.each([
    ['its origin', { origin: 'Hooks.Example' }, null],
    ['any', { origin: '*' }, null],
    ['another', { origin: 'other.example' }, /another origin than hooks\.example/],
    ['none', {}, /without the header WebHook-Allowed-Origin/],
    ['it not at all', { status: 405, origin: '*' }, /status 405/],
  ])('allows %s', async (_, answer: Answer, error) => {
    const { verification } = await ask('cloudevents', answer)
    if (error === null) expect(verification).toMatchObject({ verifiedAt: NOW, error: null })
    else expect(verification.error).toMatch(error)
  })

  it('hands on what the receiver allows', async () => {
    expect(await ask('cloudevents', { origin: '*', allowed: 90 })).toMatchObject({
      allowedPerMinute: 90,
    })
  })

  it('asks nobody where nobody told who asks', async () => {
    const { verification, request } = await ask('cloudevents', {}, { host: null })
    expect(request).toBeUndefined()
    expect(verification.error).toMatch(/PUBLIC_URL or OWN_HOSTS/)
  })
})

describe('who is asked', () => {
  const known = { method: 'challenge', askedAt: 1, verifiedAt: 2, error: null } as const
  const anew = { method: 'challenge', askedAt: null, verifiedAt: null, error: null } as const

  it.each([
    ['stays as it is', known, undefined, false, known],
    ['stays where the same is said', known, 'challenge', false, known],
    ['is asked anew at another URL', known, undefined, true, anew],
    ['is asked in another way', known, 'cloudevents', false, { ...anew, method: 'cloudevents' }],
    ['is not asked any more', known, null, false, null],
    ['never was', null, undefined, true, null],
  ] as const)('%s', (_, before, asked, isMoved, next) => {
    expect(nextVerification(before, asked, isMoved)).toEqual(next)
  })
})

describe('a new webhook', () => {
  it('waits for its receiver from the first moment, also while that is asked', async () => {
    const bench = await Bench.open()
    const { engine, tenantId, requests, published } = bench
    bench.respond = async ({ body }) => {
      const { challenge } = JSON.parse(body)
      if (challenge === undefined) return ok
      // An event comes before the answer does.
      await engine.events.publish(tenantId, [AN_EVENT])
      await bench.settled()
      return { ...ok, responseExcerpt: challenge }
    }
    const made = await bench.webhook({ verificationMethod: 'challenge' })
    expect(made.verification?.verifiedAt).not.toBeNull()
    expect(requests.map(({ body }) => Object.keys(JSON.parse(body)))).toEqual([
      ['type', 'timestamp', 'challenge'],
    ])
    expect(published).toEqual([])
    const [event] = (await engine.events.list(tenantId, { limit: 10 })).items
    const [delivery] = await engine.events.deliveries(tenantId, event?.id ?? '')
    expect(delivery).toMatchObject({ webhookId: made.id, status: 'held', attempts: 0 })
  })

  it('is answered with its secret, though what its receiver said could not be stored', async () => {
    const { ports, tenantId } = await Bench.open()
    const lines: LogLine[] = []
    const webhooks = createWebhooks({
      ...ports,
      log: (line) => lines.push(line),
      webhooks: {
        ...ports.webhooks,
        update: async () => {
          throw new Error('D1 does not answer.')
        },
      },
    })
    const { id: _, tenantId: __, ...fields } = aWebhook(1)
    const made = await webhooks.create(tenantId, { ...fields, verificationMethod: 'challenge' })
    expect(made.secrets.signing).toEqual(fields.secrets.signing)
    expect(made.verification).toMatchObject({ askedAt: null, verifiedAt: null })
    expect(isPausedFor('unverified', made)).toBe(true)
    expect(isPausedFor('owner', made)).toBe(false)
    expect(lines.at(-1)).toMatchObject({ event: 'verification.unwritten', webhookId: made.id })
    expect(changesOfWebhook({ ...made, pause: null }, made).map(({ field }) => field)).toEqual([])
  })
})

import { describe, expect, it, vi } from 'vitest'
import { type Ask, idOf, newCaller, refusal, refused } from './asked.ts'

const UUID = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
)
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const HMAC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ED25519 =
  'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
const draft = { url: 'https://example.com/hook', eventTypes: ['a'] }

const DEFAULT_HANDLING = {
  triggers: ['3xx', '4xx', '5xx', 'timeout'],
  retry: {
    type: 'schedule',
    delaysSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
  },
  divert: true,
  suspend: { afterSeconds: 432_000, afterFailures: 10 },
  alertUrl: null,
  timeoutMs: 15_000,
}

type Shown = Record<string, unknown>

async function create(ask: Ask, fields: object = {}): Promise<{ path: string; shown: Shown }> {
  const answer = await ask('POST', '/v1/webhooks', { ...draft, ...fields })
  expect(answer, answer.text).toMatchObject({ status: 201 })
  return { path: `/v1/webhooks/${idOf(answer)}`, shown: answer.body as Shown }
}

async function patch(ask: Ask, path: string, fields: object): Promise<Shown> {
  const answer = await ask('PATCH', path, fields)
  expect(answer, answer.text).toMatchObject({ status: 200 })
  return answer.body as Shown
}

describe('POST /v1/webhooks', () => {
  it('fills in what is left out, and shows the secret this once', async () => {
    const { ask } = await newCaller()
    const { path, shown } = await create(ask)
    const { secret, ...rest } = shown
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(rest).toEqual({
      id: UUID,
      dialect: 'native',
      uid: null,
      description: null,
      metadata: {},
      channels: [],
      name: null,
      url: 'https://example.com/hook',
      eventTypes: ['a'],
      scope: {},
      // The newest of the catalogue, which other tests of the same runtime write.
      version: rest.version,
      filter: null,
      body: null,
      ...{ headerExpressions: {}, pathExpression: null, queryExpressions: {}, secretValues: {} },
      format: null,
      headers: {},
      enabled: true,
      paused: false,
      pull: false,
      deleteAfterIdleSeconds: null,
      rate: null,
      ...{ verification: null, verifiedAt: null, verificationError: null, httpSignature: null },
      order: null,
      batch: null,
      status: 'active',
      suspendedAt: null,
      signing: 'hmac',
      publicKeys: [],
      secretsReadable: true,
      failureHandling: DEFAULT_HANDLING,
      createdAt: TIME,
      updatedAt: TIME,
    })
    expect((await ask('GET', path)).body).toEqual(rest)
    expect((await ask('GET', '/v1/webhooks')).body).toEqual({ items: [rest], nextCursor: null })
  })

  it('takes every field', async () => {
    const { ask } = await newCaller()
    const fields = {
      name: 'Orders',
      eventTypes: ['order.paid', 'invoice.*', '*', 'order.paid'],
      scope: { inbox: '5e7a0df1800de5422a6f7776' },
      headers: { Authorization: 'Bearer hidden', 'X-Two': ['one', 'two'] },
      enabled: false,
      paused: true,
      secret: ED25519,
      signing: 'ed25519',
      failureHandling: {
        triggers: ['5xx', 429],
        retry: { type: 'exponential', intervalSeconds: 10, attempts: 3 },
        divert: false,
        suspend: null,
        alertUrl: 'https://example.com/alert',
        timeoutMs: 1_000,
      },
    }
    const answer = await ask('POST', '/v1/webhooks', { ...draft, ...fields })
    expect(answer.body).toMatchObject({
      name: 'Orders',
      eventTypes: ['order.paid', 'invoice.*', '*'],
      scope: fields.scope,
      headers: { Authorization: '••••', 'X-Two': ['••••', '••••'] },
      enabled: false,
      paused: true,
      status: 'disabled',
      secret: ED25519,
      signing: 'ed25519',
      publicKeys: ['whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='],
      secretsReadable: true,
      failureHandling: fields.failureHandling,
    })
    expect(answer.text).not.toContain('hidden')
  })

  it('makes a key of the kind that is asked for', async () => {
    const { ask } = await newCaller()
    const { shown } = await create(ask, { signing: 'ed25519' })
    expect(shown).toMatchObject({ signing: 'ed25519', secret: expect.stringMatching(/^whsk_/) })
  })

  it.each([{ secret: null }, { signing: null }])('does not sign with %j', async (fields) => {
    const { ask } = await newCaller()
    expect((await create(ask, fields)).shown).toMatchObject({ signing: null, secret: null })
  })

  it('takes null for whatever can be cleared', async () => {
    const { ask } = await newCaller()
    const nothing = { name: null, scope: null, headers: null, failureHandling: null }
    expect((await create(ask, nothing)).shown).toMatchObject({
      name: null,
      scope: {},
      headers: {},
      failureHandling: DEFAULT_HANDLING,
    })
  })

  it('completes failure handling from the platform’s default', async () => {
    const { ask } = await newCaller()
    const { shown } = await create(ask, { failureHandling: { retry: null, timeoutMs: 2_000 } })
    expect(shown.failureHandling).toEqual({ ...DEFAULT_HANDLING, retry: null, timeoutMs: 2_000 })
  })
})

describe('GET /v1/webhooks', () => {
  it('pages in order of creation', async () => {
    const { ask } = await newCaller()
    const made = []
    for (const name of ['one', 'two', 'three']) made.push((await create(ask, { name })).shown.id)
    type List = { items: { id: string }[]; nextCursor: string | null }
    const first = (await ask('GET', '/v1/webhooks?limit=2')).body as List
    const second = (await ask('GET', `/v1/webhooks?limit=2&cursor=${first.nextCursor}`))
      .body as List
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(made)
    expect(second.nextCursor).toBeNull()
  })

  it('filters by event type, and searches', async () => {
    const { ask } = await newCaller()
    const { shown: invoices } = await create(ask, { eventTypes: ['invoice.*'], name: 'Ledger' })
    const { shown: all } = await create(ask, { eventTypes: ['*'], url: 'https://all.example/%41' })
    const { shown: told } = await create(ask, { eventTypes: ['webhook.failing'], uid: 'Told' })
    const ids = async (query: string) => {
      const { body } = await ask('GET', `/v1/webhooks?${query}`)
      return (body as { items: { id: string }[] }).items.map(({ id }) => id)
    }
    expect(await ids('eventType=invoice.paid')).toEqual([invoices.id, all.id])
    expect(await ids('eventType=user.created')).toEqual([all.id])
    // Who wants everything means what was published.
    expect(await ids('eventType=webhook.failing')).toEqual([told.id])
    expect(await ids('search=other')).toEqual([])
    expect(await ids('search=LEDGE')).toEqual([invoices.id])
    expect(await ids('search=all.EXAMPLE')).toEqual([all.id])
    expect(await ids('search=%25')).toEqual([all.id])
    expect(await ids(`search=${told.id}`)).toEqual([told.id])
    expect(await ids('search=told&eventType=webhook.failing&status=active')).toEqual([told.id])
  })

  it('filters by status and dialect', async () => {
    const { ask } = await newCaller()
    const { shown: on } = await create(ask)
    const { shown: off } = await create(ask, { enabled: false })
    const ids = async (query: string) => {
      const { body } = await ask('GET', `/v1/webhooks?${query}`)
      return (body as { items: { id: string }[] }).items.map(({ id }) => id)
    }
    expect(await ids('status=active')).toEqual([on.id])
    expect(await ids('status=disabled')).toEqual([off.id])
    expect(await ids('status=suspended')).toEqual([])
    expect(await ids('dialect=native')).toEqual([on.id, off.id])
    expect(await ids('dialect=infermedica')).toEqual([])
  })
})

describe('PATCH /v1/webhooks/{id}', () => {
  const everything = {
    name: 'Orders',
    scope: { a: 'b' },
    headers: { 'X-A': 'secret-a', 'X-B': 'secret-b' },
    secret: HMAC,
    failureHandling: { divert: false },
  }

  it('changes what is named and nothing else', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask, everything)
    const before = (await ask('GET', path)).body as Shown
    expect(await patch(ask, path, {})).toEqual({ ...before, updatedAt: TIME })
    const changes = {
      url: 'https://example.com/new',
      eventTypes: ['b'],
      enabled: false,
      paused: true,
      name: 'New',
    }
    expect(await patch(ask, path, changes)).toEqual({
      ...before,
      ...changes,
      status: 'disabled',
      updatedAt: TIME,
    })
  })

  it('clears what is null', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask, everything)
    const nothing = { name: null, scope: null, headers: null, secret: null, failureHandling: null }
    expect(await patch(ask, path, nothing)).toMatchObject({
      name: null,
      scope: {},
      headers: {},
      signing: null,
      failureHandling: DEFAULT_HANDLING,
    })
  })

  it('completes failure handling from the present one', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask, everything)
    expect(await patch(ask, path, { failureHandling: { timeoutMs: 1_000 } })).toMatchObject({
      failureHandling: { ...DEFAULT_HANDLING, divert: false, timeoutMs: 1_000 },
    })
  })

  it('keeps the header values that come back masked', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask, everything)
    const { headers } = await patch(ask, path, {
      headers: { 'x-a': '••••', 'X-C': ['1', '2'] },
    })
    expect(headers).toEqual({ 'x-a': '••••', 'X-C': ['••••', '••••'] })
  })

  it('takes a new secret and shows none', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask, everything)
    const answer = await ask('PATCH', path, { secret: ED25519, signing: 'ed25519' })
    expect(answer.body).toMatchObject({ signing: 'ed25519' })
    expect(answer.text).not.toContain('whsk_')
  })

  it('takes the kind of signing that there is', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask, everything)
    expect(await patch(ask, path, { signing: 'hmac' })).toMatchObject({ signing: 'hmac' })
  })
})

describe('DELETE /v1/webhooks/{id}', () => {
  it('removes the webhook', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask)
    const deleted = await ask('DELETE', path)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect(refusal(await ask('GET', path))).toEqual(refused(404, 'not_found'))
    expect(refusal(await ask('DELETE', path))).toEqual(refused(404, 'not_found'))
  })
})

describe('what requests are signed with', () => {
  it('is chosen by who creates a webhook, and changed by who may change secrets', async () => {
    const { ask } = await newCaller(['webhooks:read', 'webhooks:write'])
    const { path } = await create(ask, { secret: HMAC })
    for (const change of [{ secret: ED25519 }, { secret: null }, { signing: null }]) {
      expect(refusal(await ask('PATCH', path, change))).toEqual(refused(403, 'forbidden'))
    }
    expect(refusal(await ask('POST', `${path}/rotate-secret`))).toEqual(refused(403, 'forbidden'))
    expect(await ask('PATCH', path, { name: 'Renamed' })).toMatchObject({ status: 200 })
  })
})

describe('POST /v1/webhooks/{id}/rotate-secret', () => {
  it('shows the public keys of all that sign until the grace ends, newest first', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask, { secret: ED25519 })
    const former = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
    const keys = async () => ((await ask('GET', path)).body as { publicKeys: string[] }).publicKeys
    expect(await keys()).toEqual([former])
    await ask('POST', `${path}/rotate-secret`)
    const newer = expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/)
    expect(await keys()).toEqual([newer, former])
    await ask('POST', `${path}/rotate-secret`, { gracePeriodSeconds: 0 })
    expect(await keys()).toEqual([newer])
  })

  it('makes a secret of the present kind, and shows it this once', async () => {
    const { ask } = await newCaller()
    for (const [secret, prefix] of [
      [HMAC, 'whsec_'],
      [ED25519, 'whsk_'],
    ] as const) {
      const { path } = await create(ask, { secret })
      const { status, body } = await ask('POST', `${path}/rotate-secret`)
      const rotated = (body as { secret: string }).secret
      expect(status).toBe(200)
      expect(rotated.startsWith(prefix)).toBe(true)
      expect(rotated).not.toBe(secret)
      expect((await ask('GET', path)).text).not.toContain(rotated)
    }
  })

  it('takes a given secret', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask)
    const rotation = { secret: HMAC, gracePeriodSeconds: 0 }
    const answer = await ask('POST', `${path}/rotate-secret`, rotation)
    expect(answer.body).toEqual({ secret: HMAC })
  })

  it('is refused rather than end one of ten valid secrets, and says until when', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask, { secret: ED25519 })
    const keys = async () => ((await ask('GET', path)).body as { publicKeys: string[] }).publicKeys
    const rotating = async (gracePeriodSeconds: number, secret?: string) =>
      ask('POST', `${path}/rotate-secret`, { gracePeriodSeconds, secret })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2096, 0, 1) })
    try {
      for (let n = 0; n < 9; n += 1) await rotating(600)
      const ten = await keys()
      expect(ten).toHaveLength(10)
      vi.setSystemTime(Date.UTC(2096, 0, 1, 0, 1))
      expect(await rotating(3_600)).toMatchObject({
        status: 409,
        body: {
          code: 'limit_reached',
          detail:
            'This webhook already has 10 valid secrets, which is the maximum. The first of these expires at ' +
            '2096-01-01T00:10:00.000Z. Rotate after that, or set "gracePeriodSeconds" to 0 to invalidate the previous secrets now.',
        },
      })
      expect(await keys()).toEqual(ten)
      // To one of the ten, which needs no room; when they have expired; and when none is to sign on.
      expect(await rotating(3_600, ED25519)).toMatchObject({ status: 200 })
      expect(await keys()).toHaveLength(10)
      vi.setSystemTime(Date.UTC(2096, 0, 1, 0, 10))
      expect(await rotating(3_600)).toMatchObject({ status: 200 })
      expect(await rotating(0)).toMatchObject({ status: 200 })
      expect(await keys()).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('POST /v1/webhooks/{id}/resume', () => {
  it('does nothing to a webhook that is not suspended', async () => {
    const { ask } = await newCaller()
    const { path } = await create(ask)
    const answer = await ask('POST', `${path}/resume`)
    expect([answer.status, answer.text]).toEqual([204, ''])
  })
})

describe('a webhook of a vendor’s surface', () => {
  it('is shown, changed and deleted here', async () => {
    const { ask } = await newCaller()
    const made = await ask('POST', '/api/v2/config/webhook', {
      url: 'https://example.com/hook',
      authorization_token: 'hidden-token',
      subscribed_events: ['survey_finished'],
    })
    const path = `/v1/webhooks/${idOf(made)}`
    const shown = await ask('GET', path)
    expect(shown.body).toMatchObject({
      dialect: 'infermedica',
      eventTypes: ['survey_finished'],
      signing: null,
      failureHandling: {
        ...DEFAULT_HANDLING,
        triggers: [...DEFAULT_HANDLING.triggers, 410],
        suspend: null,
      },
    })
    expect(shown.text).not.toContain('hidden-token')
    expect(await patch(ask, path, { name: 'Triage', secret: 'any text' })).toMatchObject({
      name: 'Triage',
      signing: 'hmac',
    })
    const theirs = await ask('GET', `/api/v2/config/webhook/${idOf(made)}`)
    expect(theirs.body).toMatchObject({ url: 'https://example.com/hook' })
    expect((await ask('DELETE', path)).status).toBe(204)
  })
})

// A tenant's address for notices, from the API to the mail and the page that confirms it.

import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { askAdmin, refusal, refused } from '../api/asked.ts'
import { startWorker } from '../fixtures/worker.ts'
import { Visitor } from './visitor.ts'

interface Mailed {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

function openDeployment() {
  const mailed: Mailed[] = []
  const NOTICES = {
    async send(message: Mailed) {
      mailed.push(message)
      return { messageId: '1' }
    },
  } as unknown as SendEmail
  const { fetch } = startWorker([], {
    NOTICES,
    NOTICE_FROM: 'hooks@example.com',
    PUBLIC_URL: 'https://hooks.example',
  })
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(
      new Request(`https://hookline.test${path}`, {
        method,
        headers: {
          authorization: `Bearer ${env.ADMIN_TOKEN}`,
          'content-type': 'application/json',
        },
        ...(body && { body: JSON.stringify(body) }),
      }),
    )
    const after = response.headers.get('retry-after')
    const answer = (await response.json()) as Record<string, unknown>
    return { status: response.status, body: answer, ...(after && { after: Number(after) }) }
  }
  const linkIn = (index: number) =>
    new URL(mailed[index]?.text.match(/https:\S+/)?.[0] ?? '').pathname
  return { mailed, ask, linkIn, visitor: new Visitor(fetch) }
}

const HOUR = 3_600_000
const T = Date.now()
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)
// A day apart: what one test mailed counts in no other.
let days = 0
beforeEach(() => {
  days += 2
  vi.useFakeTimers({ toFake: ['Date'], now: T + days * 24 * HOUR })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a tenant’s address for notices', () => {
  it('is confirmed by the button on the page of the link that is mailed to it', async () => {
    const { mailed, ask, linkIn, visitor } = openDeployment()
    const input = { name: '<b>Acme</b>', noticeEmail: 'ops@acme.example' }
    const made = await ask('POST', '/v1/tenants', input)
    const unconfirmed = { noticeEmail: 'ops@acme.example', noticeEmailConfirmed: false }
    expect(made).toMatchObject({ status: 201, body: unconfirmed })
    expect(mailed).toMatchObject([{ from: 'hooks@example.com', to: 'ops@acme.example' }])

    const path = `/v1/tenants/${made.body.id}`
    const page = await visitor.ask(linkIn(0))
    expect([page.status, page.html]).toEqual([200, expect.stringContaining('ops@acme.example')])
    expect((await ask('GET', path)).body).toMatchObject(unconfirmed)
    const pressed = await visitor.ask(linkIn(0), { method: 'POST' })
    expect([pressed.status, pressed.html]).toEqual([200, expect.stringContaining('is confirmed')])
    const confirmed = { ...unconfirmed, noticeEmailConfirmed: true }
    expect((await ask('GET', path)).body).toMatchObject(confirmed)
    const listed = await ask('GET', `/v1/tenants?search=${made.body.id}`)
    expect(listed.body).toMatchObject({ items: [confirmed] })
    for (const method of ['GET', 'POST']) {
      expect((await visitor.ask(linkIn(0), { method })).status).toBe(410)
    }
  })

  it('is to be confirmed anew when it is another one, stays when it is not, and goes with null', async () => {
    const { mailed, ask, linkIn, visitor } = openDeployment()
    const made = await ask('POST', '/v1/tenants', { name: 'Acme', noticeEmail: 'a@acme.example' })
    const path = `/v1/tenants/${made.body.id}`
    await visitor.ask(linkIn(0), { method: 'POST' })
    const same = await ask('PATCH', path, { name: 'Acme Inc.', noticeEmail: 'a@acme.example' })
    expect(same.body).toMatchObject({ name: 'Acme Inc.', noticeEmailConfirmed: true })
    expect(mailed).toHaveLength(1)
    const other = await ask('PATCH', path, { noticeEmail: 'b@acme.example' })
    expect(other.body).toMatchObject({ noticeEmail: 'b@acme.example', noticeEmailConfirmed: false })
    expect(mailed[1]).toMatchObject({ to: 'b@acme.example' })
    const gone = await ask('PATCH', path, { noticeEmail: null })
    expect(gone.body).toMatchObject({ noticeEmail: null, noticeEmailConfirmed: false })
    expect((await visitor.ask(linkIn(1), { method: 'POST' })).status).toBe(410)
    const { body } = await ask('GET', `/v1/tenants/${made.body.id}/audit`)
    const named = (body.items as { changes: { field: string }[] }[]).filter(({ changes }) =>
      changes.some(({ field }) => field === 'noticeEmail'),
    )
    // Made, made another, removed; that it changed is noted, and not to what.
    expect(named).toHaveLength(3)
    expect(JSON.stringify(body)).not.toContain('acme.example')
  })

  it('is on the overview of the tenant, with whether it is confirmed', async () => {
    const { ask, linkIn, visitor } = openDeployment()
    const made = await ask('POST', '/v1/tenants', { name: 'Acme', noticeEmail: 'ops@acme.example' })
    const key = await ask('POST', '/v1/operator-keys', { name: 'all' })
    await visitor.signIn(String(key.body.token))
    const path = `/console/tenants/${made.body.id}`
    expect((await visitor.ask(path)).html).toContain('ops@acme.example once who reads it')
    await visitor.ask(linkIn(0), { method: 'POST' })
    expect((await visitor.ask(path)).html).toContain('Notices go to ops@acme.example.')
  })

  it.each(['x', 'a@b', 'a@b.example\r\nbcc: c@d.example', 'A <a@b.example>', 7])(
    'is not %j',
    async (noticeEmail) => {
      const { mailed, ask } = openDeployment()
      const refused = await ask('POST', '/v1/tenants', { name: 'Acme', noticeEmail })
      expect([refused.status, JSON.stringify(refused.body)]).toEqual([
        400,
        expect.stringContaining('noticeEmail'),
      ])
      expect(mailed).toEqual([])
    },
  )

  it('is refused where the deployment sends no e-mail, and nothing is done', async () => {
    const noticeEmail = 'ops@acme.example'
    const refusedMade = await askAdmin('POST', '/v1/tenants', { name: 'Nobody', noticeEmail })
    expect(refusal(refusedMade)).toEqual(refused(409, 'conflict'))
    const made = await askAdmin('POST', '/v1/tenants', { name: 'Acme', noticeEmail: null })
    const path = `/v1/tenants/${(made.body as { id: string }).id}`
    const changed = await askAdmin('PATCH', path, { name: 'Other', noticeEmail })
    expect(refusal(changed)).toEqual(refused(409, 'conflict'))
    expect((await askAdmin('GET', path)).body).toMatchObject({ name: 'Acme', noticeEmail: null })
  })
})

describe('the mail that asks to confirm an address', () => {
  it('is sent once a minute and five times an hour for a tenant; nothing is done for more', async () => {
    const { mailed, ask } = openDeployment()
    const path = `/v1/tenants/${(await ask('POST', '/v1/tenants', { name: 'Acme' })).body.id}`
    const set = (n: number) => ask('PATCH', path, { name: `${n}`, noticeEmail: `${n}@a.example` })
    for (let n = 0; n < 5; n += 1) {
      expect((await set(n)).status).toBe(200)
      pass(59_000)
      expect(await set(99)).toMatchObject({
        ...{ status: 429, after: n < 4 ? 1 : 3_600 - 4 * 60 - 59 },
        body: { code: 'rate_limited' },
      })
      const { body } = await ask('GET', path)
      expect(body).toMatchObject({ name: `${n}`, noticeEmail: `${n}@a.example` })
      pass(1_000)
    }
    expect((await set(99)).status).toBe(429)
    expect((await ask('PATCH', path, { name: 'Acme', noticeEmail: null })).status).toBe(200)
    pass(HOUR - 5 * 60_000)
    expect((await set(5)).status).toBe(200)
    expect(mailed.map(({ to }) => to)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `${n}@a.example`))
  })

  it('is sent five times a day to one address, whatever tenants ask for it, in whichever case', async () => {
    const { mailed, ask } = openDeployment()
    const make = (noticeEmail: string) => ask('POST', '/v1/tenants', { name: 'Many', noticeEmail })
    for (let n = 0; n < 5; n += 1) expect((await make('victim@b.example')).status).toBe(201)
    const before = await ask('GET', '/v1/tenants?search=Many')
    expect(await make('Victim@B.example')).toMatchObject({ status: 429, after: 24 * 3_600 })
    expect((await ask('GET', '/v1/tenants?search=Many')).body).toEqual(before.body)
    expect((await make('other@b.example')).status).toBe(201)
    expect(mailed).toHaveLength(6)
  })

  it('is not sent, nor counted, for an address that is confirmed', async () => {
    const { mailed, ask, linkIn, visitor } = openDeployment()
    const made = await ask('POST', '/v1/tenants', { name: 'Acme', noticeEmail: 'ops@d.example' })
    await visitor.ask(linkIn(0), { method: 'POST' })
    const path = `/v1/tenants/${made.body.id}`
    for (let n = 0; n < 9; n += 1) {
      expect((await ask('PATCH', path, { noticeEmail: 'ops@d.example' })).status).toBe(200)
    }
    expect(mailed).toHaveLength(1)
  })
})

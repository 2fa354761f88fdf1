// Listing webhooks: filters, their combinations, and pages to `listCompleted`.

import { beforeAll, describe, expect, it, vi } from 'vitest'
import { readWebhookQuery } from '../../../src/dialects/socotra/query.ts'
import { openReceiver } from '../../fixtures/hookline.ts'
import { openClient, WAIT, type WebhookBody } from './client.ts'

type Client = Awaited<ReturnType<typeof openClient>>
interface List {
  readonly listCompleted: boolean
  readonly items: readonly WebhookBody[]
}

let client: Client

async function list(query: string, { request } = client) {
  const answer = await request('GET', `/webhooks/list${query}`)
  expect(answer, answer.text).toMatchObject({ status: 200 })
  const { items, listCompleted } = answer.body as List
  return { names: items.map(({ name }) => name), listCompleted }
}

/** Makes a webhook that is suspended by its first failure. */
async function createSuspended(name: string, eventTypes: readonly string[]): Promise<WebhookBody> {
  const { url } = openReceiver(() => new Response(null, { status: 500 }))
  const failureHandling = { suspend: true }
  const webhook = await client.create({ name, eventTypes, failureHandling }, { url })
  await client.publish({ type: eventTypes[0], data: {} })
  await vi.waitFor(async () => {
    expect(await client.read(webhook)).toMatchObject({ suspended: true })
  }, WAIT)
  return webhook
}

beforeAll(async () => {
  client = await openClient()
  await client.create({ name: 'active', eventTypes: ['policy.issue', 'policy.renew'] })
  await client.create({ name: 'disabled', enabled: false, eventTypes: ['policy.renew'] })
  await createSuspended('suspended', ['claim.open', 'claim.close'])
  await client.update(await createSuspended('both', ['invoice.issue']), { enabled: false })
  await client.create({ name: 'active', eventTypes: ['claim.close'] })
})

const ALL = ['active', 'disabled', 'suspended', 'both', 'active']

describe('the list of webhooks', () => {
  it.each([
    ['', ALL],
    ['?name=active', ['active', 'active']],
    ['?name=Active', []],
    ['?name=act', []],
    ['?enabled=true', ['active', 'suspended', 'active']],
    ['?enabled=false', ['disabled', 'both']],
    ['?suspended=true', ['suspended', 'both']],
    ['?suspended=false', ['active', 'disabled', 'active']],
    ['?active=true', ['active', 'active']],
    ['?active=false', ['disabled', 'suspended', 'both']],
    ['?eventTypes=policy.renew', ['active', 'disabled']],
    ['?eventTypes=policy.issue&eventTypes=claim.close', ['active', 'suspended', 'active']],
    ['?eventTypes=policy.issue,claim.close', ['active', 'suspended', 'active']],
    [
      '?eventTypes=policy.issue,invoice.issue&eventTypes=claim.open',
      ['active', 'suspended', 'both'],
    ],
    ['?eventTypes=policy.*', []],
    ['?eventTypes=', ALL],
    ['?extended=true', ALL],
    ['?extended=false&unknown=1', ALL],
    ['?active=false&enabled=true', ['suspended']],
    ['?active=false&suspended=true&enabled=false', ['both']],
    ['?active=true&enabled=false', []],
    ['?active=true&suspended=true', []],
    ['?enabled=false&suspended=false', ['disabled']],
    ['?active=true&eventTypes=claim.close', ['active']],
    ['?name=active&eventTypes=policy.issue,claim.open', ['active']],
    ['?name=suspended&active=true', []],
  ])('asked %s has what fits, in order of creation', async (query, names) => {
    expect(await list(query)).toEqual({ names, listCompleted: true })
  })

  it.each([
    ['?count=2', ['active', 'disabled'], false],
    ['?count=2&offset=2', ['suspended', 'both'], false],
    ['?count=2&offset=4', ['active'], true],
    ['?count=5', ALL, true],
    ['?count=4', ['active', 'disabled', 'suspended', 'both'], false],
    ['?count=500&offset=3', ['both', 'active'], true],
    ['?offset=5', [], true],
    ['?count=501', ALL, true],
    ['?count=99999999999999999999&offset=3', ['both', 'active'], true],
    ['?offset=999999999', [], true],
    ['?offset=99999999999999999999', [], true],
    ['?count=1&offset=0&active=false', ['disabled'], false],
    ['?count=1&offset=2&active=false', ['both'], true],
  ])('asked %s is completed exactly when nothing follows', async (query, names, listCompleted) => {
    expect(await list(query)).toEqual({ names, listCompleted })
  })

  it('is read to the end by going on until it is completed', async () => {
    const names: string[] = []
    for (let completed = false; !completed; ) {
      const page = await list(`?count=2&offset=${names.length}`)
      names.push(...page.names)
      completed = page.listCompleted
    }
    expect(names).toEqual(ALL)
  })

  it.each([
    ['count', '0'],
    ['count', '-1'],
    ['count', '1.5'],
    ['count', '1e2'],
    ['count', ''],
    ['offset', '-1'],
    ['offset', 'NaN'],
    ['enabled', 'yes'],
    ['suspended', 'TRUE'],
    ['active', '1'],
    ['extended', 'x'],
    ['extended', ''],
  ])('refuses %s=%s, naming it', async (name, value) => {
    const answer = await client.request('GET', `/webhooks/list?${name}=${value}`)
    const errors = [{ path: name, message: expect.any(String) }]
    expect(answer).toMatchObject({ status: 400, body: { message: expect.any(String), errors } })
  })

  it('refuses a parameter given twice where only one is meant', async () => {
    const answer = await client.request('GET', '/webhooks/list?enabled=true&enabled=false')
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'enabled' }] } })
  })

  it.each(['500', '501', '99999999999999999999'])('asked for %s has 500 at most', (count) => {
    const url = `https://hookline.test/event/t/webhooks/list?count=${count}`
    expect(readWebhookQuery(url)).toMatchObject({ count: 500, offset: 0 })
  })

  it('has 50 webhooks unless told', async () => {
    const other = await openClient()
    for (let made = 0; made < 51; made += 1) await other.create({ name: `${made}` })
    const { names, listCompleted } = await list('', other)
    expect(names).toHaveLength(50)
    expect(listCompleted).toBe(false)
    expect(await list('?offset=50', other)).toEqual({ names: ['50'], listCompleted: true })
  })
})

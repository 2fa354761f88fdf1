// The batch of a webhook on its pages, for who runs the deployment and for a customer; and what the form folds away.

import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createWebhook, openWorld, type World } from '../end-to-end/world.ts'
import { administrate, createOperatorKey, openReceiver, publish } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

let world: World
let operator: Visitor
let customer: Visitor

beforeAll(async () => {
  world = await openWorld()
  operator = new Visitor()
  await operator.signIn((await createOperatorKey({})).token)
  customer = new Visitor()
  const { url } = await administrate<{ url: string }>(
    `/v1/tenants/${world.tenant.id}/portal-links`,
    {},
  )
  await customer.ask(new URL(url).pathname, { method: 'POST' })
})

const pagesOf = (place: string) =>
  place === 'portal'
    ? { visitor: customer, webhooks: '/portal/webhooks' }
    : { visitor: operator, webhooks: `/console/tenants/${world.tenant.id}/webhooks` }

const url = 'https://example.com/batch'
const usual = { url, eventTypes: 'a', enabled: 'true' }

/** Titles of what is folded away, by whether it is open. */
function foldsOf(html: string): Readonly<Record<string, boolean>> {
  const folds = html.matchAll(/<details class="fold"( open(?:="")?)?><summary>([^<]*)</g)
  return Object.fromEntries([...folds].map(([, open, title = '']) => [title, open !== undefined]))
}

const CLOSED = {
  'Headers, path and query by expressions': false,
  'How events are written': false,
  'How fast requests come': false,
  'In which order events come': false,
  'Several events in one request': false,
  'A signature that anybody can check': false,
  'Whether the receiver is asked first': false,
}

describe.each(['console', 'portal'])('a batch on the pages of the %s', (place) => {
  const send = async (fields: Record<string, string>) => {
    const { visitor, webhooks } = pagesOf(place)
    return visitor.send(await visitor.ask(`${webhooks}/new`), webhooks, { ...usual, ...fields })
  }

  it('is set, shown and taken away', async () => {
    const { visitor, webhooks } = pagesOf(place)
    const made = await send({ maxEvents: '50', maxWaitMs: '1500' })
    expect(made.status).toBe(201)
    const [, path = ''] = new RegExp(`href="(${webhooks}/[0-9a-f-]{36})"`).exec(made.html) ?? []
    const shown = await visitor.ask(path)
    expect(shown.html).toContain('up to 50 events in one request, after 1.5 s at the latest')
    const edit = await visitor.ask(`${path}/edit`)
    expect(edit.html).toMatch(/name="maxEvents" value="50"/)
    expect(edit.html).toMatch(/name="maxWaitMs" value="1500"/)
    expect(foldsOf(edit.html)).toEqual({ ...CLOSED, 'Several events in one request': true })
    await visitor.send(edit, `${path}/edit`, usual)
    expect((await visitor.ask(path)).html).not.toContain('in one request')
  })

  it.each([
    [{ maxEvents: '101' }, 'maxEvents', 'Expected a whole number from 1 to 100.'],
    [{ maxEvents: '-1' }, 'maxEvents', 'Expected a whole number from 1 to 100.'],
    [{ maxEvents: 'many' }, 'maxEvents', 'Expected a whole number from 1 to 100.'],
    [{ maxWaitMs: '5' }, 'maxEvents', 'Expected a whole number from 1 to 100.'],
    [
      { maxEvents: '5', maxWaitMs: '60001' },
      'maxWaitMs',
      'Expected a whole number from 0 to 60,000.',
    ],
    [{ maxEvents: '5', inOrder: 'true' }, 'maxEvents', /./],
  ])('of %j is refused at its field, which is open', async (fields, field, says) => {
    const { status, html } = await send(fields)
    expect(status).toBe(400)
    expect(html.match(/id="\w+-wrong"/g)).toEqual([`id="${field}-wrong"`])
    expect(/-wrong">([^<]*)</.exec(html)?.[1]).toMatch(says)
    expect(foldsOf(html)).toMatchObject({ 'Several events in one request': true })
  })
})

describe('a batch', () => {
  it('waits a second where nobody says how long', async () => {
    const { visitor, webhooks } = pagesOf('console')
    const form = await visitor.ask(`${webhooks}/new`)
    const { html } = await visitor.send(form, webhooks, { ...usual, maxEvents: '1' })
    const [, path = ''] = new RegExp(`href="(${webhooks}/[0-9a-f-]{36})"`).exec(html) ?? []
    expect((await visitor.ask(path)).html).toContain(
      'up to 1 event in one request, after 1 s at the latest',
    )
  })

  it('shows how many events wait, and which attempts were of several', async () => {
    const receiver = openReceiver()
    const batch = { maxEvents: 2, maxWaitMs: 60_000 }
    const { id } = await createWebhook(world.key, receiver, { eventTypes: ['b'], batch })
    const { visitor, webhooks } = pagesOf('console')
    const shows = (text: string) =>
      vi.waitFor(
        async () => {
          const page = await visitor.ask(`${webhooks}/${id}`)
          expect(page.html).toContain(text)
          return page
        },
        { timeout: 5_000, interval: 50 },
      )
    await publish(world.key, { type: 'b', data: '{}' })
    await shows('1 event waits for others to go with')
    await publish(world.key, { type: 'b', data: '{}' })
    const { html } = await shows('went in a batch')
    const [, attempt = ''] = /href="([^"]*\/attempts\/[^"]*)"/.exec(html) ?? []
    const { html: ofAttempt } = await visitor.ask(attempt.replaceAll('&amp;', '&'))
    expect(ofAttempt).toContain('went in a batch')
    expect(ofAttempt).toContain(receiver.requests[0]?.headers['webhook-id'])
  })
})

describe('a batch of one event', () => {
  it.each(['console', 'portal'] as const)(
    'is not said to have had others, at the %s',
    async (at) => {
      const receiver = openReceiver()
      const batch = { maxEvents: 1, maxWaitMs: 0 }
      const { id } = await createWebhook(world.key, receiver, { eventTypes: [`one.${at}`], batch })
      const { visitor, webhooks } = pagesOf(at)
      await publish(world.key, { type: `one.${at}`, data: '{}' })
      const ofWebhook = await vi.waitFor(
        async () => {
          const page = await visitor.ask(`${webhooks}/${id}`)
          expect(page.html).toContain('went in a batch')
          return page
        },
        { timeout: 5_000, interval: 50 },
      )
      expect(ofWebhook.html).not.toContain('with others in')
      const [, attempt = ''] = /href="([^"]*\/attempts\/[^"]*)"/.exec(ofWebhook.html) ?? []
      const { html } = await visitor.ask(attempt.replaceAll('&amp;', '&'))
      expect(html).toContain('went in a batch')
      expect(html).not.toContain('with others in')
    },
  )
})

describe('a rate', () => {
  it.each([
    [{ perSecond: '-1' }, 'perSecond', 'Expected a whole number from 1 to 65,535.'],
    [{ perMinute: '0' }, 'perMinute', 'Expected a whole number from 1 to 100,000.'],
    [{ concurrency: '99999999999' }, 'concurrency', 'Expected a whole number from 1 to 100.'],
    [{ perMinute: '1.5' }, 'perMinute', 'Expected a whole number from 1 to 100,000.'],
    [
      { perSecond: '1', perMinute: '1' },
      'perSecond',
      'Only one of perSecond and perMinute may be given.',
    ],
  ])('of %j is refused at its field alone', async (fields, field, says) => {
    const { visitor, webhooks } = pagesOf('console')
    const form = await visitor.ask(`${webhooks}/new`)
    const { status, html } = await visitor.send(form, webhooks, { ...usual, ...fields })
    expect(status).toBe(400)
    expect(html.match(/id="\w+-wrong"/g)).toEqual([`id="${field}-wrong"`])
    expect(/-wrong">([^<]*)</.exec(html)?.[1]).toBe(says)
  })
})

describe('a name of two lines', () => {
  it.each([
    ['scope', 'a=1\nb=2\na=3'],
    ['headerExpressions', 'X-A: type\nX-A: data'],
    ['queryExpressions', 'q=type\nq=data'],
    ['secretValues', 'token=one\ntoken=two'],
  ])('is refused at %s, and not taken from the last of them', async (field, lines) => {
    const { visitor, webhooks } = pagesOf('console')
    const form = await visitor.ask(`${webhooks}/new`)
    const { status, html } = await visitor.send(form, webhooks, { ...usual, [field]: lines })
    expect(status).toBe(400)
    expect(html.match(/id="\w+-wrong"/g)).toEqual([`id="${field}-wrong"`])
    expect(html).toContain('stands there more than once')
  })
})

describe('what few need of the form', () => {
  it('is folded away until a field of it has a value', async () => {
    const { visitor, webhooks } = pagesOf('console')
    const form = await visitor.ask(`${webhooks}/new`)
    expect(foldsOf(form.html)).toEqual(CLOSED)
    const filled = await visitor.send(form, webhooks, {
      ...{ perMinute: '5', orderKey: 'data.id', verification: 'challenge' },
      ...{ pathExpression: '["a"]', preset: 'slack' },
    })
    expect(foldsOf(filled.html)).toEqual({
      'Headers, path and query by expressions': true,
      'How events are written': false,
      'How fast requests come': true,
      'In which order events come': true,
      'Several events in one request': false,
      'A signature that anybody can check': false,
      'Whether the receiver is asked first': true,
    })
  })
})

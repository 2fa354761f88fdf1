// The order of a webhook on its pages: set, shown, and a blocked key that goes on.

import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createWebhook, final, openWorld, type World } from '../end-to-end/world.ts'
import { createOperatorKey, openReceiver, publish } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

let world: World
let visitor: Visitor
let webhooks: string

beforeAll(async () => {
  world = await openWorld()
  visitor = new Visitor()
  await visitor.signIn((await createOperatorKey({})).token)
  webhooks = `/console/tenants/${world.tenant.id}/webhooks`
})

async function made(fields: Record<string, string>): Promise<string> {
  const form = await visitor.ask(`${webhooks}/new`)
  const { html, status } = await visitor.send(form, webhooks, {
    ...{ eventTypes: 'a', enabled: 'true', ...fields },
  })
  expect(status).toBe(201)
  const [, path = ''] = new RegExp(`href="(${webhooks}/[0-9a-f-]{36})"`).exec(html) ?? []
  return path
}

describe('the order of a webhook', () => {
  it('is set, shown and taken away', async () => {
    const url = 'https://example.com/order'
    const fields = { inOrder: 'true', orderKey: 'data.customer', orderBlocks: 'true' }
    const path = await made({ url, ...fields })
    expect((await visitor.ask(path)).html).toContain(
      'one after the other, where data.customer is the same; one that is given up holds up the others',
    )
    const edit = await visitor.ask(`${path}/edit`)
    expect(edit.html).toContain('value="data.customer"')
    await visitor.send(edit, `${path}/edit`, { url, eventTypes: 'a', enabled: 'true' })
    expect((await visitor.ask(path)).html).not.toContain('<dt>Order</dt>')
  })

  it('is refused at the field of its key', async () => {
    const form = await visitor.ask(`${webhooks}/new`)
    const wrong = await visitor.send(form, webhooks, {
      ...{ url: 'https://example.com/', eventTypes: 'a', inOrder: 'true', orderKey: 'data.' },
    })
    expect(wrong.status).toBe(400)
    expect(wrong.html).toMatch(/id="orderKey-wrong">/)
  })

  it.each([
    ['a key', { orderKey: 'data.customer' }, 'value="data.customer"'],
    ['that others wait', { orderBlocks: 'true' }, /name="orderBlocks" value="true" checked/],
  ])('is not passed over where %s is said, and the box left empty', async (_, fields, kept) => {
    const path = await made({ url: 'https://example.com/unticked', inOrder: 'true' })
    for (const [page, to] of [
      [`${webhooks}/new`, webhooks],
      [`${path}/edit`, `${path}/edit`],
    ] as const) {
      const form = await visitor.ask(page)
      const usual = { url: 'https://example.com/', eventTypes: 'a', enabled: 'true' }
      const { status, html } = await visitor.send(form, to, { ...usual, ...fields })
      expect(status).toBe(400)
      expect(html).toMatch(/id="orderKey-wrong">[^<]*tick the box/)
      expect(html).toMatch(kept)
    }
  })

  it('shows what is blocked, and lets it go on', async () => {
    const receiver = openReceiver(() => new Response(null, { status: 404 }))
    const fields = { eventTypes: ['a'], order: { onFailure: 'block' }, ...final }
    const path = `${webhooks}/${(await createWebhook(world.key, receiver, fields)).id}`
    for (let event = 0; event < 2; event += 1) await publish(world.key, { type: 'a', data: '{}' })
    const page = await vi.waitFor(
      async () => {
        const shown = await visitor.ask(path)
        expect(shown.html).toContain('Nothing behind <code>-</code> is sent since')
        return shown
      },
      { timeout: 5_000, interval: 50 },
    )
    const after = await visitor.send(page, `${path}/skip`, { behind: '-' })
    expect(after.status).toBeLessThan(400)
    await receiver.received(2)
  })
})

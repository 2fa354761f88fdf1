// The HTTP signature of a webhook on its pages, for who runs the deployment and for a customer.

import { beforeAll, describe, expect, it } from 'vitest'
import { OPERATOR_PERMISSIONS } from '../../src/engine/model/index.ts'
import { openWorld, type World } from '../end-to-end/world.ts'
import { administrate, createOperatorKey } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

let world: World
let operator: Visitor
let customer: Visitor

beforeAll(async () => {
  world = await openWorld()
  operator = new Visitor()
  await operator.signIn((await createOperatorKey({ permissions: OPERATOR_PERMISSIONS })).token)
  customer = new Visitor()
  const path = `/v1/tenants/${world.tenant.id}/portal-links`
  const { url } = await administrate<{ url: string }>(path, {})
  await customer.ask(new URL(url).pathname, { method: 'POST' })
})

const usual = { url: 'https://example.com/signed', eventTypes: 'a', enabled: 'true' }

describe.each(['console', 'portal'])('an HTTP signature on the pages of the %s', (place) => {
  const pages = () =>
    place === 'portal'
      ? { visitor: customer, webhooks: '/portal/webhooks' }
      : { visitor: operator, webhooks: `/console/tenants/${world.tenant.id}/webhooks` }
  const send = async (fields: Record<string, string>) => {
    const { visitor, webhooks } = pages()
    return visitor.send(await visitor.ask(`${webhooks}/new`), webhooks, { ...usual, ...fields })
  }

  it('is set, shown and taken away', async () => {
    const { visitor, webhooks } = pages()
    const made = await send({ signatureProfile: 'standard' })
    expect(made.status).toBe(201)
    const [, path = ''] = new RegExp(`href="(${webhooks}/[0-9a-f-]{36})"`).exec(made.html) ?? []
    expect((await visitor.ask(path)).html).toContain('Ed25519, by this service')
    const edit = await visitor.ask(`${path}/edit`)
    expect(edit.html).toMatch(/<option value="standard" selected/)
    await visitor.send(edit, `${path}/edit`, usual)
    expect((await visitor.ask(path)).html).not.toContain('HTTP signature')
  })

  it('for a business is there for who may name one', async () => {
    const { visitor, webhooks } = pages()
    const { html } = await visitor.ask(`${webhooks}/new`)
    expect(html.includes('value="ucp"')).toBe(place === 'console')
    expect(html.includes('name="ucpAgent"')).toBe(place === 'console')
    if (place === 'console') return
    const fields = { signatureProfile: 'ucp', ucpAgent: 'https://shop.example/.well-known/ucp' }
    expect((await send(fields)).status).toBe(403)
  })
})

describe('an HTTP signature for a business', () => {
  it.each([
    [{ signatureProfile: 'ucp', ucpAgent: 'https://shop.example/' }, 'ucpAgent'],
    [{ signatureProfile: 'ucp' }, 'ucpAgent'],
    [{ ucpAgent: 'https://shop.example/.well-known/ucp' }, 'signatureProfile'],
    // The tests' deployment has no key for it.
    [
      { signatureProfile: 'ucp', ucpAgent: 'https://shop.example/.well-known/ucp' },
      'signatureProfile',
    ],
  ])('of %j is refused at its field', async (fields, field) => {
    const webhooks = `/console/tenants/${world.tenant.id}/webhooks`
    const page = await operator.ask(`${webhooks}/new`)
    const { status, html } = await operator.send(page, webhooks, { ...usual, ...fields })
    expect(status).toBe(400)
    expect(html.match(/id="\w+-wrong"/g)).toEqual([`id="${field}-wrong"`])
  })
})

// The tenant in the path must be the key's: any other reads like one that does not exist.

import { describe, expect, it } from 'vitest'
import { openClient } from './client.ts'

const UNKNOWN_TENANT = '0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b'

describe('a path', () => {
  it('of another tenant answers exactly like one of no tenant, whatever is asked', async () => {
    const mine = await openClient()
    const theirs = await openClient()
    const { locator } = await theirs.create()
    const own = await mine.create()
    const body = JSON.stringify({ name: 'Mine now' })
    for (const [method, path] of [
      ['GET', `/webhooks/${locator}`],
      ['GET', `/webhooks/${own.locator}`],
      ['GET', '/webhooks/list'],
      ['POST', '/webhooks'],
      ['PUT', '/webhooks'],
      ['PATCH', `/webhooks/${locator}`],
      ['PATCH', `/webhooks/${locator}/unsuspend`],
      ['DELETE', `/webhooks/${locator}`],
      ['GET', `/webhooks/${locator}/diverted`],
      ['POST', `/webhooks/${locator}/diverted/${locator}/resend`],
      ['GET', '/events/list'],
      ['GET', `/events/${locator}`],
      ['GET', '/no/such/path'],
    ] as const) {
      const call = { method, ...(method !== 'GET' && { body }) }
      const foreign = await mine.raw({ ...call, path: `/event/${theirs.tenant.id}${path}` })
      const unknown = await mine.raw({ ...call, path: `/event/${UNKNOWN_TENANT}${path}` })
      expect(foreign).toMatchObject({ status: 404, text: '{"message":"No such tenant."}' })
      expect(unknown).toMatchObject({ status: 404, text: foreign.text })
    }
    expect(await theirs.read({ locator })).toMatchObject({ name: 'Note' })
  })

  it.each([['not-a-uuid'], ['1'], ['%00'], ['..%2f..'], ['*']])(
    'of the tenant %s is 404',
    async (text) => {
      const { raw } = await openClient()
      const answer = await raw({ method: 'GET', path: `/event/${text}/webhooks/list` })
      expect(answer).toMatchObject({ status: 404, body: { message: 'No such tenant.' } })
    },
  )

  it('may write the tenant in capital letters', async () => {
    const { raw, tenant } = await openClient()
    const path = `/event/${tenant.id.toUpperCase()}/webhooks/list`
    expect(await raw({ method: 'GET', path })).toMatchObject({ status: 200 })
  })

  it('may write a locator in small letters', async () => {
    const { create, read } = await openClient()
    const { locator } = await create()
    expect(await read({ locator: locator.toLowerCase() })).toMatchObject({ locator })
  })

  it('of a list says which methods it has', async () => {
    const { request } = await openClient()
    for (const path of ['/webhooks/list', '/events/list']) {
      const answer = await request('DELETE', path)
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('GET, HEAD')
    }
  })
})

// A cursor belongs to one list, and the description of a list says which texts are its cursors.

import { beforeAll, describe, expect, it } from 'vitest'
import { openReceiver } from '../fixtures/hookline.ts'
import { type Ask, askAdmin, idOf, invalidAt, newCaller, refusal } from './asked.ts'

const ID = '01900000-0000-7000-8000-000000000000'

/** Each list, and a cursor of it. */
const LISTS = {
  '/v1/tenants': `tenants.${ID}`,
  '/v1/tenants/{tenant}/keys': `keys.${ID}`,
  '/v1/operator-keys': `operator-keys.${ID}`,
  '/v1/templates': 'templates.1',
  '/v1/dead-letters': 'dead-letters.0aF-_z',
  '/v1/events': `events.${ID}`,
  '/v1/webhooks': `webhooks.${ID}`,
  '/v1/webhooks/{webhookId}/attempts': 'attempts.17.3',
  '/v1/webhooks/{webhookId}/diverted': `diverted.${ID}`,
}
const paths = Object.keys(LISTS)

let ask: Ask
const ids = { '{tenant}': '', '{webhookId}': '' }

beforeAll(async () => {
  const caller = await newCaller()
  ask = caller.ask
  ids['{tenant}'] = caller.tenant.id
  const webhook = { url: openReceiver().url, eventTypes: ['*'] }
  ids['{webhookId}'] = idOf(await ask('POST', '/v1/webhooks', webhook))
})

function list(path: string, cursor: string) {
  const target = Object.entries(ids).reduce((at, [name, id]) => at.replace(name, id), path)
  const isAdmins = /^\/v1\/(?:tenants|operator-keys|templates|dead-letters)/.test(path)
  const query = `?cursor=${encodeURIComponent(cursor)}`
  return (isAdmins ? askAdmin : ask)('GET', `${target}${query}`)
}

describe('a cursor', () => {
  it.each(Object.entries(LISTS))('of %s is taken there', async (path, cursor) => {
    expect(await list(path, cursor)).toMatchObject({ status: 200 })
  })

  it.each(
    paths.flatMap((path) =>
      Object.entries(LISTS)
        .filter(([other]) => other !== path)
        .map(([other, cursor]) => [path, other, cursor] as const),
    ),
  )('is refused by %s when it is one of %s', async (path, _, cursor) => {
    const answer = await list(path, cursor)
    expect(refusal(answer)).toEqual(invalidAt('cursor'))
    expect(answer.body).toMatchObject({ detail: 'cursor: Not a cursor of this list.' })
  })

  it.each(paths)('of version 0.1.0 is refused by %s', async (path) => {
    for (const former of [`{"v":1,"after":"${ID}"}`, '{"v":1,"offset":1}', `["${ID}"]`, '[1,0]']) {
      const cursor = btoa(former).replaceAll('=', '')
      expect(refusal(await list(path, cursor))).toEqual(invalidAt('cursor'))
    }
  })

  it('that a list gives out is one of its own', async () => {
    for (const name of ['a', 'b'])
      await askAdmin('POST', '/v1/templates', { name: `cursors-${name}` })
    const { body } = await askAdmin('GET', '/v1/templates?limit=1')
    expect(body).toMatchObject({ nextCursor: 'templates.1' })
    await ask('POST', '/v1/webhooks', { url: openReceiver().url, eventTypes: ['*'] })
    const webhooks = await ask('GET', '/v1/webhooks?limit=1')
    expect(webhooks.body).toMatchObject({ nextCursor: `webhooks.${ids['{webhookId}']}` })
  })
})

describe('the description', () => {
  type Parameter = { name: string; schema: { type: string; pattern: string } }
  type Document = { paths: Record<string, { get: { parameters: Parameter[] } }> }

  it('admits exactly the cursors of each list', async () => {
    const { paths: described } = (await ask('GET', '/v1/openapi.json')).body as Document
    for (const [path, cursor] of Object.entries(LISTS)) {
      const parameter = described[path]?.get.parameters.find(({ name }) => name === 'cursor')
      expect(parameter?.schema, path).toMatchObject({ type: 'string' })
      const pattern = new RegExp(parameter?.schema.pattern ?? '^$')
      const admitted = Object.values(LISTS).filter((other) => pattern.test(other))
      expect(admitted, path).toEqual([cursor])
    }
  })
})

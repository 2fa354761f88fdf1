// Conversions on the page of an event type, tried before they are saved.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { askAdmin } from '../api/asked.ts'
import { openWorld } from '../end-to-end/world.ts'
import { createOperatorKey } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

const NAME = 'shown.converted'
const number = { type: 'object', properties: { total: { type: 'number' } } }
let visitor: Visitor
let page: string

beforeAll(async () => {
  const { tenant } = await openWorld()
  const schemas = { '2025-01': number, '2026-11': true }
  const type = { description: 'Kept.', schemas, examples: [{ total: '12.50' }] }
  await askAdmin('PUT', `/v1/event-types/${NAME}`, type)
  visitor = new Visitor()
  const permissions = ['tenants:read', 'webhooks:read', 'events:read', 'catalogue:write']
  await visitor.signIn((await createOperatorKey({ permissions })).token)
  page = `/console/tenants/${tenant.id}/event-types/${NAME}`
})
afterAll(() => askAdmin('DELETE', `/v1/event-types/${NAME}`))

const send = async (fields: Record<string, string>) =>
  visitor.send(await visitor.ask(page), `${page}/conversions`, {
    ...{ from: '2026-11', to: '2025-01', expression: '{ "total": $number(total) }' },
    ...fields,
  })

it('shows what one makes of data, in numbers as they were written, and saves nothing', async () => {
  const expression = '{ "total": $number(total), "ref": ref }'
  const shown = await send({ expression, data: '{"total":"2","ref":1.10}', preview: 'true' })
  expect(shown.status).toBe(200)
  expect(shown.html).toContain('{&quot;total&quot;:2,&quot;ref&quot;:1.10}')
  const failing = await send({ expression: 'total', data: '{"total":"2"}', preview: 'true' })
  expect(failing.html).toContain('It makes no object.')
  expect((await visitor.ask(page)).html).not.toContain('made of 2026-11')
})

it('says at the field what is wrong', async () => {
  const wrong = await send({ expression: '{', data: '{}', preview: 'true' })
  expect(wrong.status).toBe(400)
  expect(wrong.html).toMatch(/id="expression-wrong">[^<]*\(character 1, line 1, column 2\)/)
  expect((await send({ data: '{', preview: 'true' })).html).toMatch(/id="data-wrong">/)
  const unfit = await send({ expression: '{ "total": total }' })
  expect(unfit.status).toBe(400)
  expect(unfit.html).toMatch(/id="expression-wrong">It fails on example 0: /)
})

it('saves one, in place of the one between the same versions, and all else stays', async () => {
  await send({})
  const changed = '{ "total": 2 * $number(total) }'
  const asked = await send({ expression: changed })
  expect(asked.status).toBe(409)
  expect(asked.html).toContain('Webhooks that get version 2025-01 would get other data')
  expect(asked.html).toContain('Save it all the same')
  const accepting = { expression: changed, acceptBreaks: 'true' }
  expect(await send(accepting)).toMatchObject({ status: 200, at: page })
  const saved = await askAdmin('GET', `/v1/event-types/${NAME}`)
  expect(saved.body).toMatchObject({
    description: 'Kept.',
    conversions: [{ from: '2026-11', to: '2025-01', expression: changed }],
    examples: [{ total: '12.50' }],
  })
  expect((await visitor.ask(page)).html).toContain('Data of version 2025-01, made of 2026-11')
})

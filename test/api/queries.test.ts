// A parameter that an operation of `/v1` does not have is refused like a field that a body does not have: a misspelt filter
// would answer everything.

import { beforeAll, describe, expect, it } from 'vitest'
import { createSurfaces } from '../../src/compose.ts'
import { isForAdministrator, isForTenant } from '../../src/http/admission.ts'
import { type Ask, askAdmin, invalidAt, NOBODY, newCaller, refusal } from './asked.ts'

const [native] = createSurfaces()
const operations = native.surface.operations.map(({ description }) => description)

let ask: Ask
beforeAll(async () => {
  ask = (await newCaller()).ask
})

describe('a parameter that there is not', () => {
  it.each(
    operations.map(({ method, path, access }) => [method.toUpperCase(), path, access] as const),
  )('is refused by %s %s, by its name', async (method, path, access) => {
    const target = `/v1${path.replaceAll(/\{\w+\}/g, NOBODY)}`
    const asking = isForAdministrator(access) && !isForTenant(access) ? askAdmin : ask
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined
    const answer = await asking(method, `${target}?since=yesterday&since=today`, body)
    expect(refusal(answer)).toEqual(invalidAt('since'))
    expect(answer.body).toMatchObject({
      detail: expect.stringMatching(/^since: Unknown parameter\./),
    })
  })

  it('is refused with those that there are', async () => {
    const { body } = await ask('GET', '/v1/events?state=scheduled&eventType=a')
    const detail =
      'eventType: Unknown parameter. There are: type, after, before, state, limit, cursor.'
    expect(body).toMatchObject({ detail })
  })

  it.each([
    [`/v1/webhooks/${NOBODY}/attempts?status=failed`, 'status'],
    ['/v1/events?since=2026-11-22T10:00:00Z', 'since'],
    ['/v1/webhooks?enabled=false', 'enabled'],
    ['/v1/webhooks?Limit=1', 'Limit'],
    ['/v1/webhooks?limit=1&=x', ''],
    ['/v1/webhooks?__proto__=x', '__proto__'],
    ['/v1/webhooks?constructor=x', 'constructor'],
    ['/v1/webhooks?%E0%A4%A=x', '\ufffd%A'],
  ])('is refused in %s', async (path, name) => {
    expect(refusal(await ask('GET', path))).toEqual(invalidAt(name))
  })

  it('is named with every other one', async () => {
    const answer = await ask('GET', '/v1/webhooks?enabled=false&limit=5&page=2')
    expect(refusal(answer)).toEqual(invalidAt('enabled', 'page'))
  })

  it('is told to nobody who may not make the call', async () => {
    expect((await askAdmin('GET', '/v1/webhooks?enabled=false')).status).toBe(401)
    const { ask: askWithout } = await newCaller(['events:write'])
    expect((await askWithout('GET', '/v1/webhooks?enabled=false')).status).toBe(403)
  })
})

// Every vendor's surface under hostile input, generated from the schemas of its operations.

import { beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { REFUSALS } from './fuzz/judge.ts'
import { beginFuzz, type Fuzz, fuzzSurface, inWords } from './fuzz/run.ts'

const RUNS = 600

let fuzz: Fuzz

beforeAll(async () => {
  fuzz = await beginFuzz()
}, 60_000)

it('knows how each surface refuses, and what each route that changes something takes', () => {
  expect(Object.keys(REFUSALS).toSorted()).toEqual(
    ['native', ...dialects.map(({ id }) => id)].toSorted(),
  )
  const changing = fuzz.routes.filter(({ method }) => !['GET', 'DELETE'].includes(method))
  const without = changing.filter(({ bodies }) => bodies.length === 0)
  // These take nothing.
  expect(without.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/events/:eventId/cancel',
    'POST /v1/webhooks/:webhookId/resume',
    'POST /v1/webhooks/:webhookId/verify',
    'POST /v1/webhooks/:webhookId/order/:key/skip',
    'POST /v1/webhooks/:webhookId/diverted/:eventId/resend',
    'POST /v1/tenants/:tenant/events/:eventId/cancel',
    'POST /v1/tenants/:tenant/webhooks/:webhookId/resume',
    'POST /v1/tenants/:tenant/webhooks/:webhookId/verify',
    'POST /v1/tenants/:tenant/webhooks/:webhookId/order/:key/skip',
    'POST /v1/tenants/:tenant/webhooks/:webhookId/diverted/:eventId/resend',
    'PATCH /event/:tenantLocator/webhooks/:webhookLocator/unsuspend',
    'POST /event/:tenantLocator/webhooks/:webhookLocator/diverted/:eventLocator/resend',
    'POST /api/v1/app/:app_id/msg/:msg_id/endpoint/:endpoint_id/resend',
    'POST /api/v1/app/:app_id/msg/expunge-all-contents',
    'POST /api/v1/event-type/export/openapi',
    'POST /api/v1/auth/logout',
  ])
})

describe.each(dialects.map(({ id }) => [id]))('%s', (surface) => {
  it(`survives ${RUNS} hostile requests`, async ({ task }) => {
    task.meta.counted = inWords(surface, await fuzzSurface(surface, RUNS, fuzz))
  }, 600_000)
})

// The deletion of a tenant: whichever of its calls goes wrong, and whether that did what it was asked, the next try does the rest.

import { describe, expect, it } from 'vitest'
import { isAwaited, type StepPorts, takeStep } from '../../../src/engine/jobs/deployment-steps.ts'
import type {
  DeploymentRequest,
  JobProgress,
  PurgeRequest,
} from '../../../src/engine/model/index.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { aTenant, aWebhook } from '../../contracts/store-fixtures.ts'
import { createMemoryStores } from '../../fakes/stores.ts'

const NOW = 1_795_000_000_000
const BEGUN: JobProgress = { state: 'running', done: 0, total: null, error: null, endedAt: null }
const TENANT = { ...aTenant(1), id: newId(NOW), uid: 'acme', createdAt: NOW }

/** A tenant with a webhook, another one that was made since its deletion was asked for, a dead letter and an answer. */
async function openPlay() {
  const stores = createMemoryStores()
  const { tenants, webhooks, deadLetters, idempotency } = stores
  await tenants.insert(TENANT)
  const [asked = '', late = ''] = [newId(NOW), newId(NOW + 1)]
  for (const id of [asked, late]) {
    await webhooks.insert(aWebhook(1, { tenantId: TENANT.id, id }))
  }
  const keep = (id: string, name: string, sentAt: number) => {
    const body = JSON.stringify({ tenantId: name, events: ['planted'] })
    return deadLetters.insert({ id, queue: 'events', reason: 'No.', body, at: NOW, sentAt })
  }
  await keep('by id', TENANT.id, NOW)
  await keep('by uid', 'acme', NOW)
  await keep('of another', 'acme-2', NOW)
  const claim = { key: 'k', contentHash: 'h', owner: 'o' }
  await idempotency.claim(claim, { now: NOW, expiresAt: NOW + 1_000 })
  await idempotency.complete(claim, 'planted', NOW + 9_000, { tenantId: TENANT.id, since: NOW })
  const purged = new Set<string>()
  const ports = {
    ...stores,
    clock: () => NOW + 60_000,
    eventLog: () => ({ purge: async () => {} }),
    monitor: (id: string) => ({ purge: async () => void purged.add(id) }),
  } as unknown as StepPorts
  const about = { tenantId: TENANT.id, tenantCreatedAt: NOW, webhookIds: [asked] }
  const request: PurgeRequest = { kind: 'purge', ...about, isClosed: false, purged: 0 }
  const left = async () => ({
    tenant: await tenants.find(TENANT.id),
    letters: Object.fromEntries(
      (await deadLetters.list({ limit: 9, before: null })).map(({ id, body }) => [id, body !== '']),
    ),
    answer: await idempotency.claim({ ...claim, owner: 'p' }, { now: NOW, expiresAt: NOW + 1 }),
    webhooks: [asked, late].filter((id) => !purged.has(id)),
  })
  return { ports, request, left, stores }
}

const NOTHING = {
  ...{ tenant: null, answer: null, webhooks: [] },
  letters: { 'by id': false, 'by uid': false, 'of another': true },
}

/** Takes all steps, each anew until it does not fail; whether one failed. */
async function play(request: DeploymentRequest, ports: StepPorts, between = async () => {}) {
  let [at, progress]: [DeploymentRequest, JobProgress] = [request, BEGUN]
  let failed = false
  while (progress.state === 'running') {
    try {
      const next = await takeStep(at, progress, ports)
      at = next.request
      progress = { ...next.progress, endedAt: null }
    } catch {
      failed = true
      await between()
    }
  }
  return failed
}

type Fault = 'before it was done' | 'after it was done'

/** The same ports, one call of which fails the first time. */
function failingOnce(ports: StepPorts, [port, call]: readonly [string, string], fault: Fault) {
  let isDue = true
  const failing = (target: object) =>
    new Proxy(target, {
      get(of, name) {
        const own = Reflect.get(of, name)
        if (name !== call) return own
        return async (...args: unknown[]) => {
          if (isDue && fault === 'before it was done') {
            isDue = false
            throw new Error('planted')
          }
          const answer = await own.apply(of, args)
          if (!isDue) return answer
          isDue = false
          throw new Error('planted')
        }
      },
    })
  const target = Reflect.get(ports, port)
  const replaced =
    typeof target === 'function' ? (id: string) => failing(target(id)) : failing(target)
  return { ...ports, [port]: replaced } as StepPorts
}

const CALLS = [
  ['eventLog', 'purge'],
  ['webhooks', 'listIds'],
  ['tenants', 'delete'],
  ['tenants', 'namesOf'],
  ['deadLetters', 'erase'],
  ['idempotency', 'eraseContentOf'],
  ['monitor', 'purge'],
] as const

describe('the deletion of a tenant', () => {
  it('leaves nothing of it', async () => {
    const { ports, request, left } = await openPlay()
    expect(await play(request, ports)).toBe(false)
    expect(await left()).toEqual(NOTHING)
  })

  it.each(
    CALLS.flatMap((call) =>
      (['before it was done', 'after it was done'] as const).map((fault) => ({ call, fault })),
    ),
  )('leaves nothing of it when $call fails $fault', async ({ call, fault }) => {
    const { ports, request, left } = await openPlay()
    expect(await play(request, failingOnce(ports, call, fault))).toBe(true)
    expect(await left()).toEqual(NOTHING)
  })

  it('is about no later tenant that has its id', async () => {
    const { ports, request, left, stores } = await openPlay()
    const next = { ...TENANT, uid: null, createdAt: NOW + 120_000 }
    const failing = failingOnce(ports, ['tenants', 'delete'], 'after it was done')
    await play(request, failing, async () => void (await stores.tenants.insert(next)))
    expect(await left()).toEqual({ ...NOTHING, tenant: next })
  })

  it('is awaited until nobody can use the tenant, and nothing stands in the database', async () => {
    const { ports, request, left } = await openPlay()
    let at: DeploymentRequest = request
    while (isAwaited(at)) at = (await takeStep(at, BEGUN, ports)).request
    expect(await left()).toMatchObject({
      ...NOTHING,
      webhooks: [expect.any(String), expect.any(String)],
    })
  })
})

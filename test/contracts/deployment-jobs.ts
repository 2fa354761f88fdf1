// What the keeper of the deployment's jobs does, whichever it is.

import { describe, expect, it } from 'vitest'
import { FROM_THE_START } from '../../src/engine/jobs/deployment-steps.ts'
import type { DeploymentRequest } from '../../src/engine/model/index.ts'
import type { DeploymentJobs, Ports } from '../../src/engine/ports/index.ts'
import { newId } from '../../src/primitives/ids.ts'
import { diverted, eventAt, reportTo } from './durable-fixtures.ts'
import { aTenant, aWebhook } from './store-fixtures.ts'

export interface DeploymentJobsSubject {
  readonly jobs: DeploymentJobs
  readonly ports: Pick<Ports, 'tenants' | 'webhooks' | 'deadLetters' | 'monitor' | 'eventLog'>
  /** Its process dies, another one takes over, and what is due there is done. */
  readonly takeOver: () => Promise<void>
}

/** More webhooks than two steps purge, each with a diverted event. */
const WEBHOOKS = 45
/** More than one step purges. */
const SOME = 25
/** Where steps are not what is asked. */
const FEW = 3

const DONE = { state: 'done', error: null, endedAt: expect.any(Number) } as const

async function openTenant({ ports }: DeploymentJobsSubject, webhooks = WEBHOOKS) {
  const tenantId = newId(Date.now())
  const tenant = { ...aTenant(1), id: tenantId }
  await ports.tenants.insert(tenant)
  const webhookIds = Array.from({ length: webhooks }, () => newId(Date.now()))
  await Promise.all(
    webhookIds.map(async (id, n) => {
      const ref = { tenantId, id }
      await ports.webhooks.insert(aWebhook(1, ref))
      await reportTo({ monitor: ports.monitor(id), ref }, [diverted(eventAt(n))])
    }),
  )
  const about = { tenantId, tenantCreatedAt: tenant.createdAt, webhookIds }
  const request: DeploymentRequest = { kind: 'purge', ...about, isClosed: false, purged: 0 }
  const kept = async () => {
    const left = await Promise.all(
      webhookIds.map(async (id) => (await ports.monitor(id).diverted({ limit: 1 })).items.length),
    )
    return left.reduce((sum, count) => sum + count, 0)
  }
  return { tenantId, request, kept }
}

export function deploymentJobsContract(make: () => Promise<DeploymentJobsSubject>): void {
  describe('the jobs of the deployment', () => {
    it('remove a tenant at once, and go on with the rest after a kill', async () => {
      const subject = await make()
      const { jobs, ports, takeOver } = subject
      const { tenantId, request, kept } = await openTenant(subject)
      expect(await kept()).toBe(WEBHOOKS)
      const id = newId(Date.now())
      expect(await jobs.start(id, request)).toMatchObject({
        ...{ id, kind: 'purge', tenantId },
        progress: { total: WEBHOOKS, error: null },
      })
      expect(await ports.tenants.find(tenantId)).toBeNull()
      await takeOver()
      expect(await jobs.find(id)).toMatchObject({
        progress: { ...DONE, done: WEBHOOKS, total: WEBHOOKS },
      })
      expect(await kept()).toBe(0)
    })

    it('remove webhooks too that were made since it was asked', async () => {
      const subject = await make()
      const { jobs, ports, takeOver } = subject
      const { tenantId, request, kept } = await openTenant(subject, FEW)
      const [late = '', ...asked] = request.kind === 'purge' ? request.webhookIds : []
      expect(await ports.webhooks.find({ tenantId, id: late })).not.toBeNull()
      await jobs.start(newId(Date.now()), { ...request, webhookIds: asked } as DeploymentRequest)
      await takeOver()
      expect(await kept()).toBe(0)
    })

    it('remove what stands in dead letters that name the tenant, those that come later among them', async () => {
      const subject = await make()
      const { jobs, ports, takeOver } = subject
      const { deadLetters } = ports
      const { tenantId, request } = await openTenant(subject, FEW)
      const uid = `uid of ${tenantId}`
      const other = `${uid}, not`
      await ports.tenants.update(tenantId, { uid }, Date.now())
      const keep = async (name: string, sentAt: number) => {
        const body = JSON.stringify({ tenantId: name })
        const about = { queue: 'events', reason: 'No.', body, at: Date.now() }
        const id = newId(Date.now())
        await deadLetters.insert({ ...about, id, sentAt })
        return id
      }
      const before = Date.now() - 5
      const meant = [await keep(tenantId, before), await keep(uid, before)]
      const others = [await keep(other, before)]
      await jobs.start(newId(Date.now()), request)
      await takeOver()
      meant.push(await keep(tenantId, before), await keep(uid, before))
      others.push(await keep(uid, Date.now() + 60_000))
      const left = new Map(
        (await deadLetters.list({ limit: 100, before: null })).map(({ id, body }) => [id, body]),
      )
      expect(meant.map((id) => left.get(id))).toEqual(['', '', '', ''])
      expect(others.map((id) => left.get(id))).toEqual([
        JSON.stringify({ tenantId: other }),
        JSON.stringify({ tenantId: uid }),
      ])
    })

    it('that are begun again stay what they are', async () => {
      const subject = await make()
      const { jobs, takeOver } = subject
      const { request } = await openTenant(subject, FEW)
      const id = newId(Date.now())
      await jobs.start(id, request)
      await takeOver()
      const before = await jobs.find(id)
      expect(await jobs.start(id, request)).toEqual(before)
      expect(await jobs.find(id)).toEqual(before)
    })

    it('leave a tenant alone that has the id of the deleted one', async () => {
      const subject = await make()
      const { jobs, ports, takeOver } = subject
      const { tenantId, request } = await openTenant(subject, FEW)
      await jobs.start(newId(Date.now()), request)
      await takeOver()
      const later = { ...aTenant(1), id: tenantId, createdAt: Date.now() }
      await ports.tenants.insert(later)
      await jobs.start(newId(Date.now()), request)
      await takeOver()
      expect(await ports.tenants.find(tenantId)).toEqual(later)
    })

    it('are found by id, and listed newest first, a page at a time', async () => {
      const { jobs, takeOver } = await make()
      const first = newId(Date.now())
      const second = newId(Date.now() + 1)
      for (const id of [first, second]) await jobs.start(id, FROM_THE_START)
      await takeOver()
      const [newest] = await jobs.list({ limit: 1, before: null })
      expect(newest).toMatchObject({ id: second, kind: 'reencrypt', tenantId: null })
      expect((await jobs.list({ limit: 1, before: second })).map(({ id }) => id)).toEqual([first])
      expect(await jobs.find(first)).toMatchObject({ progress: DONE })
      expect(await jobs.find(newId(Date.now()))).toBeNull()
    })

    it('are cancelled while they run, and never after', async () => {
      const subject = await make()
      const { jobs, takeOver } = subject
      const { request } = await openTenant(subject, SOME)
      const id = newId(Date.now())
      await jobs.start(id, request)
      const isCancelled = await jobs.cancel(id)
      await takeOver()
      const state = isCancelled ? 'cancelled' : 'done'
      expect(await jobs.find(id)).toMatchObject({ progress: { state } })
      expect(await jobs.cancel(id)).toBe(false)
      expect(await jobs.cancel(newId(Date.now()))).toBe(false)
    })
  })
}

// Whatever a former version stored, this one reads, delivers, reports, sends again and lists.

import { applyD1Migrations, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { type Bench, type Deliver, failedWith, inbound } from '../fixtures/bench.ts'
import { send } from '../fixtures/hookline.ts'
import { openPlatformBench } from '../fixtures/platform-bench.ts'
import beforeHouse from './fixtures/before-0.2.0.json'
import type { Recorded } from './scenario.ts'
import { restoreDatabase, restoreObject } from './snapshot.ts'

/** Newest last; what a version wrote is added before it is changed. */
const VERSIONS = [['before 0.2.0', beforeHouse as unknown as Recorded]] as const

describe.each(VERSIONS)('what was stored %s', (_, recorded) => {
  const { snapshot, tenantId, token, webhookIds, eventIds, jobIds, messages } = recorded
  const idOf = (ids: Readonly<Record<string, string>>, name: string) => {
    const id = ids[name]
    if (id === undefined) throw new Error(`Nothing was recorded as ${name}.`)
    return id
  }
  const webhook = (name: string) => idOf(webhookIds, name)
  const event = (name: string) => idOf(eventIds, name)
  let bench: Bench
  let sent: Deliver[]

  beforeEach(async () => {
    // Later than the retry is due, and before anything is too old to be kept.
    vi.useFakeTimers({ toFake: ['Date'], now: snapshot.takenAt + 7_200_000 })
    sent = []
    const sending = vi.spyOn(Object.getPrototypeOf(env.DELIVERIES), 'sendBatch')
    sending.mockImplementation(async (batch) => {
      const bodies = (batch as { body: string }[]).map(({ body }) => fromDeliveryText(body))
      sent.push(...bodies.filter((message) => message?.kind === 'deliver'))
    })
    await restoreDatabase(snapshot)
    await applyD1Migrations(env.DB, env.MIGRATIONS)
    for (const object of snapshot.objects) await restoreObject(object)
    bench = (await openPlatformBench()).as(tenantId)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  const get = async (path: string) => {
    const answer = await send({ method: 'GET', path }, { authorization: `Bearer ${token}` })
    expect(answer.status, answer.text).toBe(200)
    return answer.body as { readonly items: readonly Record<string, unknown>[] }
  }
  const carry = async (text: string, attempts = 1) => {
    // By the slow queue, to which the deliveries queue passes on what is for webhooks in the slow lane.
    const [verdict] = await bench.engine.consumers.slowDeliveries([inbound(text, { attempts })])
    return verdict
  }
  const text = (of: Readonly<Record<string, string>>, name: string) => idOf(of, name)
  const stateOf = async (webhookName: string, eventName: string) => {
    const monitor = bench.ports.monitor(webhook(webhookName))
    const [state] = await monitor.statesOfEvents([event(eventName)])
    return state
  }

  it('is listed to the key that was made then', async () => {
    const { items } = await get('/v1/webhooks')
    expect(items.map(({ id }) => id).toSorted()).toEqual(Object.values(webhookIds).toSorted())
    const status = new Map(items.map((one) => [one.id, one.status]))
    expect(status.get(webhook('suspended'))).toBe('suspended')
    expect(status.get(webhook('disabled'))).toBe('disabled')
    const events = await get('/v1/events')
    const logged = Object.entries(eventIds).flatMap(([name, id]) => (name === 'waiting' ? [] : id))
    expect(events.items.map(({ id }) => id).toSorted()).toEqual(logged.toSorted())
    // Nobody counted what was accepted then.
    expect((await get('/v1/usage')).items).toEqual([])
    const jobs = await get('/v1/jobs')
    expect(jobs.items).toMatchObject([
      { id: jobIds.replay, kind: 'replay', state: 'running' },
      { id: jobIds.resend, kind: 'resend', state: 'running', done: 0, total: 2 },
    ])
  })

  it('shows what became of each event', async () => {
    expect(await stateOf('signed', 'delivered')).toMatchObject({ status: 'delivered', attempts: 1 })
    expect(await stateOf('signed', 'failing')).toMatchObject({ status: 'failing', attempts: 1 })
    expect(await stateOf('givenUp', 'diverted')).toMatchObject({
      status: 'diverted',
      reason: 'answered 500',
    })
    const attempts = await get(`/v1/webhooks/${webhook('signed')}/attempts`)
    expect(attempts.items).toHaveLength(3)
    const health = await bench.ports.monitor(webhook('suspended')).health()
    expect(health.health).toMatchObject({ exhaustedEvents: 1, suspendedReason: 'failing' })
    expect(health.health.suspendedAt).not.toBeNull()
    const diverted = await get(`/v1/webhooks/${webhook('givenUp')}/diverted`)
    expect(diverted.items).toMatchObject([{ eventId: event('diverted'), trigger: '500' }])
  })

  it.each(['published', 'rest'])('delivers an event whose message waits: %s', async (name) => {
    const [verdict] = await bench.engine.consumers.events([inbound(text(messages.events, name))])
    expect(verdict).toEqual({ kind: 'ack' })
    // Its webhook is in the slow lane.
    expect(await bench.consumeDelivery(bench.takeHandedOver().message)).toEqual({ kind: 'ack' })
    expect(bench.requests).toHaveLength(1)
    expect(bench.requests[0]?.body).toContain('{"n":12345678901234567890}')
    const headers = new Map(bench.requests[0]?.headers)
    expect(headers.get('webhook-signature')).toMatch(/^v1,/)
    expect(headers.get('x-token')).toBe('geheim')
    expect(await stateOf('signed', 'waiting')).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('makes a retry that waits, and goes on with its schedule', async () => {
    bench.respond = () => failedWith(503)
    const verdict = await carry(text(messages.deliveries, 'retry'))
    expect(verdict).toMatchObject({ kind: 'retry' })
    expect(await stateOf('signed', 'failing')).toMatchObject({ status: 'failing', attempts: 2 })
    bench.respond = () => failedWith(500)
    vi.setSystemTime(Date.now() + 2 * 86_400_000)
    expect(await carry(text(messages.deliveries, 'retry'), 2)).toEqual({ kind: 'ack' })
    expect(await stateOf('signed', 'failing')).toMatchObject({ status: 'diverted', attempts: 3 })
  })

  it('delivers what a resend and a replay sent before', async () => {
    expect(await carry(text(messages.deliveries, 'resend'))).toEqual({ kind: 'ack' })
    expect(await stateOf('resending', 'orderOne')).toMatchObject({ status: 'delivered' })
    // It joins the first run, whose retry is pending.
    expect(await carry(text(messages.deliveries, 'replay'))).toEqual({ kind: 'ack' })
    await vi.waitFor(() => expect(sent).toMatchObject([{ run: '', attempts: 1 }]))
  })

  it('goes on with the jobs that were under way', async () => {
    await runDurableObjectAlarm(env.MONITORS.getByName(webhook('resending')))
    await runDurableObjectAlarm(env.EVENT_LOGS.getByName(tenantId))
    const orders = [event('orderOne'), event('orderTwo')]
    const resent = sent.filter(({ run }) => run === jobIds.resend)
    expect(resent.map((message) => message.event.id).toSorted()).toEqual(orders.toSorted())
    const replayed = sent.filter(({ run }) => run === jobIds.replay)
    expect(replayed.map((message) => message.event.id).toSorted()).toEqual(
      [event('failing'), event('diverted')].toSorted(),
    )
    const { items } = await get('/v1/jobs')
    expect(items.map(({ kind, state, done }) => [kind, state, done])).toEqual([
      ['replay', 'done', 2],
      ['resend', 'done', 2],
    ])
  })

  it('writes down a report, tells a notice, and forgets a deleted webhook', async () => {
    expect(await carry(text(messages.deliveries, 'record'))).toEqual({ kind: 'ack' })
    const { items } = await get(`/v1/webhooks/${webhook('signed')}/attempts`)
    expect(items).toHaveLength(4)
    expect(await carry(text(messages.deliveries, 'notice'))).toEqual({ kind: 'ack' })
    expect(bench.published).toMatchObject([{ events: [{ type: 'webhook.suspended' }] }])
    expect(await carry(text(messages.deliveries, 'purge'))).toEqual({ kind: 'ack' })
  })

  it('can be asked for again, resumed and changed', async () => {
    const ref = (name: string) => ({ tenantId, id: webhook(name) })
    const { webhooks } = bench.engine
    expect(await webhooks.resendDiverted(ref('givenUp'), {})).toMatchObject({ queued: 1 })
    await webhooks.resume(ref('suspended'))
    expect((await webhooks.get(ref('suspended'))).suspendedAt).toBeNull()
    const url = 'https://receiver.example/other'
    const changed = await webhooks.update(ref('signed'), (now) => ({ ...now, url }))
    expect(changed).toMatchObject({ url, secrets: { headers: [['x-token', 'geheim']] } })
  })

  it('goes by its age, and what was decided stays', async () => {
    const old = event('diverted')
    const givenUp = bench.ports.monitor(webhook('givenUp'))
    expect(await givenUp.findDiverted(old)).not.toBeNull()
    vi.setSystemTime(Date.now() + 40 * 86_400_000)
    for (const name of ['givenUp', 'suspended', 'signed']) {
      await runDurableObjectAlarm(env.MONITORS.getByName(webhook(name)))
    }
    expect(await givenUp.findDiverted(old)).toBeNull()
    expect(await stateOf('givenUp', 'diverted')).toMatchObject({ status: 'pending' })
    // It may still be delivered.
    expect(await stateOf('signed', 'failing')).toMatchObject({ status: 'failing', attempts: 1 })
    const rows = await runInDurableObject(
      env.MONITORS.getByName(webhook('suspended')),
      (_, { storage: { sql } }) => sql.exec('SELECT count(*) AS n FROM reports').one().n,
    )
    expect(rows).toBe(1)
    const { health } = await bench.ports.monitor(webhook('suspended')).health()
    expect(health).toMatchObject({ exhaustedEvents: 1, suspendedReason: 'failing' })
  })
})

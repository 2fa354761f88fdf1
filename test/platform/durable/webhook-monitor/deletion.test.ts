import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createEventLogs } from '../../../../src/platform/durable/event-log-client.ts'
import { createMonitors } from '../../../../src/platform/durable/monitor-client.ts'
import { createVault } from '../../../../src/platform/vault.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { delivered, dropped, failing, RUN, reportTo } from '../../../contracts/durable-fixtures.ts'
import { anEvent } from '../../../fixtures/bench.ts'
import { interceptQueues } from '../../../fixtures/deliveries.ts'

/** A monitor of a webhook, and what its tenant's log keeps of an event. */
function open() {
  interceptQueues()
  const ref = { tenantId: newId(Date.now()), id: newId(Date.now()) }
  const monitor = createMonitors(env)(ref.id)
  const log = createEventLogs(env, createVault(env.SECRETS_KEY))(ref.tenantId)
  const kept = async (eventId: string) => (await log.keptDeliveries(eventId, [ref.id]))[0]
  return { subject: { ref, monitor, setTime: () => {}, flush: async () => [] }, kept }
}

describe('a monitor whose webhook is deleted', () => {
  it('hands over how every delivery stood, with all attempts', async () => {
    const { subject, kept } = open()
    const { monitor, ref } = subject
    const [once, retried, resent, failed, left] = [1, 2, 3, 4, 5].map(() => anEvent())
    if (!once || !retried || !resent || !failed || !left) return
    await reportTo(subject, [delivered(once), failing(retried), dropped(resent), failing(left)])
    await reportTo(subject, [delivered(retried, { attempt: 2 }), dropped(failed)])
    await reportTo(subject, [delivered(resent, { run: RUN })])
    await monitor.expectDeletion(ref)
    await monitor.purge()
    expect(await kept(once.id)).toMatchObject({ status: 'delivered', attempts: 1 })
    expect(await kept(retried.id)).toMatchObject({ status: 'delivered', attempts: 2 })
    expect(await kept(resent.id)).toMatchObject({ status: 'delivered', attempts: 2 })
    const reason = expect.stringContaining('500')
    expect(await kept(failed.id)).toMatchObject({ status: 'dropped', attempts: 1, reason })
    expect(await kept(left.id)).toMatchObject({ status: 'failing', attempts: 1, reason: null })
    expect(await kept(anEvent().id)).toBeNull()
    expect(await monitor.statesOfEvents([once.id])).toMatchObject([{ status: 'dropped' }])
  })

  it('hands over more than one call carries', async () => {
    const { subject, kept } = open()
    const { monitor, ref } = subject
    const events = Array.from({ length: 2_300 }, () => anEvent())
    for (let from = 0; from < events.length; from += 100) {
      const [one, ...others] = events.slice(from, from + 100)
      if (one) await reportTo(subject, [failing(one), ...others.map((event) => delivered(event))])
    }
    await monitor.expectDeletion(ref)
    await monitor.purge()
    // One of each report, from its begin and from its end.
    const some = events.filter((_, n) => n % 100 === 0 || n % 100 === 99)
    const found = await Promise.all(some.map(({ id }) => kept(id)))
    const expected = some.map((_, n) => (n % 2 === 0 ? 'failing' : 'delivered'))
    expect(found.map((one) => one?.status)).toEqual(expected)
  })

  it('hands nothing over when its tenant is deleted, whose log is gone as well', async () => {
    const { subject, kept } = open()
    const event = anEvent()
    await reportTo(subject, [delivered(event)])
    await subject.monitor.purge()
    expect(await kept(event.id)).toBeNull()
  })
})

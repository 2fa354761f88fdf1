// The contract of EventLog: whom events are for is never older than a change that its caller was told of. The protocol under
// any history is played in test/simulation/copy.test.ts.

import { describe, expect, it } from 'vitest'
import { FENCED } from '../../src/errors.ts'
import { COPY } from '../../src/platform/tuning.ts'
import { type EventLogSubject, idAt } from './durable-fixtures.ts'
import { acceptEach, WEBHOOK } from './event-log-fixtures.ts'
import { aWebhook } from './store-fixtures.ts'

const CHANGE = idAt(0, 100)
const OTHER = idAt(0, 101)

export function eventLogCopy(subject: () => EventLogSubject): void {
  const announce = (changeId = CHANGE, isFenced = false) =>
    subject().log.announce(subject().tenantId, changeId, isFenced)
  const confirm = (changeId = CHANGE) => subject().log.confirm(changeId)
  const insert = (id: string, epoch?: number) => {
    const { webhooks, tenantId } = subject()
    return webhooks.insert(aWebhook(1, { id, tenantId }), undefined, epoch)
  }
  let accepted = 0
  /** Whom an event is for that comes now. */
  const recipients = async () => {
    accepted += 1
    const all = (await acceptEach(subject(), accepted)).map((acceptance) => {
      if (acceptance.kind !== 'accepted') return acceptance.kind
      return acceptance.deliveries
        .flatMap(({ webhooks }) => webhooks.map(({ id }) => id))
        .toSorted()
    })
    // Every shard knows the same.
    for (const one of all) expect(one).toEqual(all[0])
    return all[0]
  }

  describe('a change of webhooks', () => {
    it('that nobody announced is not seen', async () => {
      expect(await recipients()).toEqual([WEBHOOK])
      await insert('new')
      expect(await recipients()).toEqual([WEBHOOK])
    })

    it('is seen while it is announced, and once it is confirmed', async () => {
      await recipients()
      const epoch = await announce()
      expect(await recipients()).toEqual([WEBHOOK])
      expect(await insert('new', epoch)).toBe('inserted')
      expect(await recipients()).toEqual(['new', WEBHOOK])
      await confirm()
      expect(await recipients()).toEqual(['new', WEBHOOK])
      // Whatever nobody announces is not seen again.
      await subject().webhooks.delete({ tenantId: subject().tenantId, id: 'new' })
      expect(await recipients()).toEqual(['new', WEBHOOK])
    })

    it('is seen though another one is confirmed meanwhile', async () => {
      await recipients()
      const [epoch] = [await announce(), await announce(OTHER)]
      await confirm(OTHER)
      await insert('new', epoch)
      expect(await recipients()).toEqual(['new', WEBHOOK])
      await confirm()
      expect(await recipients()).toEqual(['new', WEBHOOK])
    })

    it('may be confirmed twice, or without having been announced', async () => {
      await recipients()
      await confirm(OTHER)
      await announce()
      await confirm()
      await confirm()
      expect(await recipients()).toEqual([WEBHOOK])
    })

    it('is fenced when it was not confirmed in time, and nobody waits for it any more', async () => {
      await recipients()
      const epoch = await announce()
      subject().setTime(COPY.announcedMs - 1)
      await recipients()
      expect(await insert('in time', epoch)).toBe('inserted')
      subject().setTime(COPY.announcedMs)
      expect(await recipients()).toEqual(['in time', WEBHOOK])
      await expect(insert('late', epoch)).rejects.toMatchObject({
        ...{ code: 'unavailable', cause: FENCED },
      })
      // It is forgotten: what nobody announced is not seen.
      await insert('unannounced')
      expect(await recipients()).toEqual(['in time', WEBHOOK])
      await confirm()
    })

    it('that was fenced is written in the epoch that is present', async () => {
      await recipients()
      const former = await announce()
      subject().setTime(COPY.announcedMs)
      await recipients()
      const epoch = await announce(OTHER, true)
      expect(epoch).toBeGreaterThan(former)
      expect(await insert('new', epoch)).toBe('inserted')
      await confirm(OTHER)
      expect(await recipients()).toEqual(['new', WEBHOOK])
    })

    it('of a tenant that is not there is announced in vain', async () => {
      await subject().tenants.delete(subject().tenantId, 0)
      const epoch = await announce()
      expect(await insert('new', epoch)).toBe('no_tenant')
      await confirm()
      const { tenants, tenantId } = subject()
      await tenants.insert({
        id: tenantId,
        name: 'Again',
        createdAt: 1_700_000_000_000,
        uid: null,
        metadata: {},
        retentionDays: 30,
      })
      await expect(insert('new', epoch)).rejects.toMatchObject({ cause: FENCED })
      expect(await recipients()).toEqual([])
    })
  })
}

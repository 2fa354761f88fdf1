// Notices by e-mail in memory.

import type { Tenant } from '../../src/engine/model/index.ts'
import type {
  ConfirmationMail,
  NoticeAddress,
  NoticeStore,
  WaitingNotice,
} from '../../src/engine/ports/index.ts'
import { notFound } from '../../src/errors.ts'

interface Address extends NoticeAddress {
  readonly codeHash: string | null
  readonly expiresAt: number
}

interface Row extends WaitingNotice {
  readonly lastId: string
  readonly triedAt: number
}

/** Whatever is of a tenant that is gone is gone. */
export function createMemoryNoticeStore(tenants: ReadonlyMap<string, Tenant>): NoticeStore {
  const addresses = new Map<string, Address>()
  const rows = new Map<string, Row>()
  const mails: ConfirmationMail[] = []
  const keyOf = ({ tenantId, webhookId, kind }: WaitingNotice | Row) =>
    [tenantId, webhookId, kind].join('/')
  const present = () => [...rows.values()].filter(({ tenantId }) => tenants.has(tenantId))
  const usable = (tenantId: string, codeHash: string, now: number) => {
    const known = tenants.has(tenantId) ? addresses.get(tenantId) : undefined
    return known?.codeHash === codeHash && known.expiresAt > now ? known : null
  }
  const lastTry = (tenantId: string, webhookId: string) =>
    Math.max(
      0,
      ...present()
        .filter((row) => row.tenantId === tenantId && row.webhookId === webhookId)
        .map(({ triedAt }) => triedAt),
    )

  return {
    async addressesOf(tenantIds) {
      return new Map(
        tenantIds.flatMap((id) => {
          const known = tenants.has(id) ? addresses.get(id) : undefined
          if (known === undefined) return []
          const { address, isConfirmed } = known
          return [[id, { address, isConfirmed }] as const]
        }),
      )
    },
    async setAddress(tenantId, asked) {
      for (const [key, row] of rows) if (row.tenantId === tenantId) rows.delete(key)
      if (asked === null) addresses.delete(tenantId)
      else if (tenants.has(tenantId)) addresses.set(tenantId, { ...asked, isConfirmed: false })
      else throw notFound('tenant')
    },
    look: async (...asked) => usable(...asked)?.address ?? null,
    async confirm(tenantId, codeHash, now) {
      const known = usable(tenantId, codeHash, now)
      if (known === null) return false
      addresses.set(tenantId, { ...known, isConfirmed: true, codeHash: null })
      return true
    },
    async admitConfirmation(mail, limits) {
      const untils = limits.flatMap(({ of, most, seconds }) => {
        const isAlike = (one: ConfirmationMail) =>
          of === 'deployment' ||
          (of === 'tenant'
            ? one.tenantId !== null && one.tenantId === mail.tenantId
            : one.addressHash === mail.addressHash)
        const since = mail.at - seconds * 1_000
        const counted = mails.filter((one) => isAlike(one) && one.at > since).map(({ at }) => at)
        const nth = counted.toSorted((a, b) => b - a)[most - 1]
        return nth === undefined ? [] : [nth + seconds * 1_000]
      })
      if (untils.length > 0) return Math.max(...untils)
      mails.push(mail)
      return null
    },
    async add(id, notice) {
      if (!tenants.has(notice.tenantId)) return
      if (addresses.get(notice.tenantId)?.isConfirmed !== true) return
      const key = keyOf({ ...notice, count: 1, firstAt: notice.at })
      const before = rows.get(key)
      if (before?.lastId === id) return
      const count = (before?.count ?? 0) + 1
      const firstAt = before === undefined || before.count === 0 ? notice.at : before.firstAt
      rows.set(key, { ...notice, count, firstAt, lastId: id, triedAt: before?.triedAt ?? 0 })
    },
    async claim({ tenantId, webhookId }, now, triedBefore) {
      if (lastTry(tenantId, webhookId) > triedBefore) return []
      const own = present().filter(
        (row) => row.tenantId === tenantId && row.webhookId === webhookId && row.count > 0,
      )
      for (const row of own) rows.set(keyOf(row), { ...row, triedAt: now })
      return own.map(({ lastId: _, triedAt: __, ...notice }) => notice)
    },
    async markSent(sent) {
      for (const notice of sent) {
        const row = rows.get(keyOf(notice))
        if (row) rows.set(keyOf(row), { ...row, count: Math.max(0, row.count - notice.count) })
      }
    },
    async listDue(triedBefore, limit) {
      const due = present().filter(
        ({ tenantId, webhookId, count }) =>
          count > 0 && lastTry(tenantId, webhookId) <= triedBefore,
      )
      const owners = new Map(
        due.map(({ tenantId, webhookId }) => [`${tenantId}/${webhookId}`, { tenantId, webhookId }]),
      )
      return [...owners.values()].slice(0, limit)
    },
    async prune(before) {
      mails.splice(0, mails.length, ...mails.filter(({ at }) => at > before))
      let lost = 0
      for (const [key, { count, firstAt, triedAt }] of rows) {
        const isLost = count > 0 && firstAt <= before
        if (isLost) lost += count
        if (isLost || (count === 0 && triedAt <= before)) rows.delete(key)
      }
      return lost
    },
  }
}

// Portal links in D1, each in a row beside its key, with which it goes.

import { and, asc, eq, gt, inArray, isNull, lte } from 'drizzle-orm'
import type { PortalLink } from '../../engine/model/index.ts'
import type { PortalLinkStore } from '../../engine/ports/index.ts'
import { notFound } from '../../errors.ts'
import { type Database, violates } from './database.ts'
import { keys, portalLinks } from './schema.ts'

export function createPortalLinkStore(db: Database): PortalLinkStore {
  const joined = () =>
    db
      .select({ key: keys, link: portalLinks })
      .from(portalLinks)
      .innerJoin(keys, eq(keys.id, portalLinks.keyId))
  return {
    async insert({ link: { key, expiresAt, usedAt }, codeHash }, secretHash) {
      try {
        await db.batch([
          db.insert(keys).values({ ...key, secretHash }),
          db.insert(portalLinks).values({ keyId: key.id, codeHash, expiresAt, usedAt }),
        ])
      } catch (error) {
        if (violates(error, 'FOREIGN KEY')) throw notFound('tenant')
        throw error
      }
    },
    async find(id) {
      const row = await joined().where(eq(portalLinks.keyId, id)).get()
      return row === undefined ? null : { link: toLink(row), codeHash: row.link.codeHash }
    },
    async use(id, now) {
      const isUsable = and(
        eq(portalLinks.keyId, id),
        isNull(portalLinks.usedAt),
        gt(portalLinks.expiresAt, now),
      )
      const { meta } = await db.update(portalLinks).set({ usedAt: now }).where(isUsable).run()
      return meta.changes > 0
    },
    async list(tenantId, { limit, after }) {
      const isMeant = and(
        eq(keys.tenantId, tenantId),
        after === null ? undefined : gt(keys.id, after),
      )
      const rows = await joined().where(isMeant).orderBy(asc(keys.id)).limit(limit)
      return rows.map(toLink)
    },
    async prune(now) {
      // A link has the key's id, by which alone it is found; its row goes with that.
      const ofLinks = db.select({ id: portalLinks.keyId }).from(portalLinks)
      await db.delete(keys).where(and(inArray(keys.id, ofLinks), lte(keys.expiresAt, now)))
    },
  }
}

function toLink({
  key: { secretHash: _, ...key },
  link: { expiresAt, usedAt },
}: {
  readonly key: typeof keys.$inferSelect
  readonly link: typeof portalLinks.$inferSelect
}): PortalLink {
  return { key, expiresAt, usedAt }
}

// The template catalogue in D1.

import { asc, count, desc, eq, or } from 'drizzle-orm'
import type { TemplateStore } from '../../engine/ports/index.ts'
import type { Database } from './database.ts'
import { templates } from './schema.ts'

export function createTemplateStore(db: Database): TemplateStore {
  return {
    async insert({ id, name, displayName, description }) {
      const { meta } = await db
        .insert(templates)
        .values({ id, name, displayName, description })
        .onConflictDoNothing({ target: templates.name })
        .run()
      return meta.changes > 0
    },

    async find(idOrName) {
      const row = await db
        .select()
        .from(templates)
        .where(or(eq(templates.id, idOrName), eq(templates.name, idOrName)))
        // A name may look like another template's id.
        .orderBy(desc(eq(templates.id, idOrName)))
        .limit(1)
        .get()
      return row ?? null
    },

    async list({ limit, offset }) {
      const [items, [total]] = await db.batch([
        db.select().from(templates).orderBy(asc(templates.name)).limit(limit).offset(offset),
        db.select({ count: count() }).from(templates),
      ])
      return { items, count: total?.count ?? 0 }
    },
  }
}

// The catalogue of event types in D1. A look at it is one statement that reads one row, unless it was changed since the last one: then
// all definitions are read. Not only those with a later revision, since a database may have been restored from a backup.

import { eq, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Catalogue, EventTypeDefinition } from '../../engine/model/index.ts'
import { CHECKS, isEventTypeSchema } from '../../engine/model/index.ts'
import type { EventTypeStore } from '../../engine/ports/index.ts'
import { describeError } from '../../errors.ts'
import { pack } from '../../primitives/pack.ts'
import { log } from '../logger.ts'
import { D1 } from '../tuning.ts'
import type { Database } from './database.ts'
import { catalogue, eventTypes } from './schema.ts'

/** The one row of `catalogue`. */
export const CATALOGUE_ROW = 1

/** What tells one state of the catalogue from another: a revision alone may be that of another history. */
export interface CatalogueMark {
  readonly revision: number
  /** Of the change that led to it. */
  readonly writer: string
}

/** Before the first change. */
export const NO_CATALOGUE: CatalogueMark = { revision: 0, writer: '' }

const Definition: z.ZodType<EventTypeDefinition> = z.object({
  name: z.string(),
  description: z.string().nullable().default(null),
  group: z.string().nullable().default(null),
  deprecated: z.boolean().default(false),
  archived: z.boolean().default(false),
  featureFlag: z.string().nullable().default(null),
  check: z.enum(CHECKS).default('off'),
  schemas: z
    .record(z.string(), z.custom<EventTypeDefinition['schemas'][string]>(isEventTypeSchema))
    .default({}),
  conversions: z
    .array(z.object({ from: z.string(), to: z.string(), expression: z.string() }))
    .default([]),
  examples: z.array(z.json()).default([]),
  createdAt: z.number(),
  updatedAt: z.number(),
})

interface Look {
  readonly at: number
  readonly catalogue: Catalogue
  readonly writer: string
}

const NOTHING: Look = {
  at: Number.NEGATIVE_INFINITY,
  catalogue: { revision: 0, types: new Map() },
  writer: '',
}

interface SeenEventTypeStore extends EventTypeStore {
  /** Told by whoever read the mark with something else, at a time (Unix milliseconds): that of the last look counts as a look, and any other asks for one. */
  readonly seen: (mark: CatalogueMark, at: number) => void
}

/** `clock` tells Unix milliseconds. The store keeps what it saw last. */
export function createEventTypeStore(db: Database, clock: () => number): SeenEventTypeStore {
  let last: Look | null = null

  async function look(): Promise<Catalogue> {
    const at = clock()
    const known = last ?? NOTHING
    const row = await db.select().from(catalogue).where(eq(catalogue.id, CATALOGUE_ROW)).get()
    const { revision, writer } = row ?? NO_CATALOGUE
    if (isOf(known, { revision, writer })) {
      last = { ...known, at }
      return known.catalogue
    }
    const rows = await db
      .select({ name: eventTypes.name, definition: eventTypes.definition })
      .from(eventTypes)
      .orderBy(eventTypes.name)
    // What was not changed stays the same object.
    const toDefinition = (name: string, text: string): EventTypeDefinition => {
      const former = known.catalogue.types.get(name)
      const isSame = former !== undefined && JSON.stringify(former) === text
      return isSame ? former : Definition.parse(JSON.parse(text))
    }
    const types = new Map(
      rows.map(({ name, definition }) => [name, toDefinition(name, definition)] as const),
    )
    const read = { revision, types }
    // A slower look that began before changes nothing.
    if (last === null || last.at <= at) last = { at, catalogue: read, writer }
    return read
  }

  return {
    seen(mark, at) {
      // Where it is another one, whoever asks next looks.
      if (last !== null && last.at < at) last = { ...last, at: isOf(last, mark) ? at : NOTHING.at }
    },

    async current(maxAgeMs) {
      const known = last
      const age = known === null ? Number.POSITIVE_INFINITY : clock() - known.at
      if (known !== null && age >= 0 && age < maxAgeMs) return known.catalogue
      try {
        return await look()
      } catch (error) {
        if (known === null || maxAgeMs === 0) throw error
        log({ event: 'catalogue.stale', error: describeError(error) })
        return known.catalogue
      }
    },

    async write({ revision, saved, deleted }) {
      const next = revision + 1
      const writer = crypto.randomUUID()
      const isOurs = sql`EXISTS (SELECT 1 FROM ${catalogue} WHERE ${catalogue.id} = ${CATALOGUE_ROW}
        AND ${catalogue.writer} = ${writer})`
      const [{ meta }] = await db.batch([
        db
          .insert(catalogue)
          .values({ id: CATALOGUE_ROW, revision: next, writer })
          .onConflictDoUpdate({
            target: catalogue.id,
            set: { revision: next, writer },
            setWhere: eq(catalogue.revision, revision),
          }),
        ...packDefinitions(saved).map((rows) => saveStatement(db, rows, isOurs)),
        ...(deleted.length === 0
          ? []
          : [
              db
                .delete(eventTypes)
                .where(
                  sql`${eventTypes.name} IN (SELECT value FROM json_each(${JSON.stringify(deleted)})) AND ${isOurs}`,
                ),
            ]),
      ])
      // Whoever asks here next shall see it.
      if (last !== null) last = { ...last, at: NOTHING.at }
      return meta.changes > 0
    },
  }
}

function isOf(look: Look, { revision, writer }: CatalogueMark): boolean {
  return look.catalogue.revision === revision && look.writer === writer
}

/** Definitions as JSON, in as few parameters as they fit. */
function packDefinitions(saved: readonly EventTypeDefinition[]): readonly string[] {
  const rows = saved.map((definition) => [definition.name, JSON.stringify(definition)] as const)
  const packs = pack(rows, { size: D1.parameterChars, sizeOf: ([, text]) => text.length })
  return [...packs].map(({ items }) => JSON.stringify(items))
}

function saveStatement(db: Database, rows: string, condition: SQL) {
  return db
    .insert(eventTypes)
    .select(
      // In the order of the table's columns.
      sql`SELECT value ->> 0, value ->> 1 FROM json_each(${rows}) WHERE ${condition}`,
    )
    .onConflictDoUpdate({
      target: eventTypes.name,
      set: { definition: sql`excluded.definition` },
    })
}

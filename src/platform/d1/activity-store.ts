// What objects told of what they counted, in D1: a row for each source and day. A row holds all that its source told of the day, so
// that telling it again counts nothing twice.

import { and, count, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import {
  type Activity,
  addActivity,
  type DayActivity,
  type HourActivity,
  LATENCY_BOUNDS_MS,
  NO_ACTIVITY,
  type WebhookStatus,
} from '../../engine/model/index.ts'
import type { ActivityStore, Population } from '../../engine/ports/index.ts'
import { DAY_MS, HOUR_MS } from '../../primitives/time.ts'
import type { Database } from './database.ts'
import { activity, deadLetters, tenantJobs, tenants, webhooks } from './schema.ts'

/** The row that has the sums of closed days. */
const CLOSED = { day: 0, tenantId: '', source: '' } as const
const KEY = [activity.day, activity.tenantId, activity.source]

export function createActivityStore(db: Database): ActivityStore {
  const sumsWhere = (condition: SQL) => db.select(SUMS).from(activity).where(condition)
  const counts = () => {
    const counted = (what: string, table: SQLiteTable) =>
      db.select({ what: sql<string>`${what}`, count: count() }).from(table)
    return db
      .select({ what: sql<string>`${STATUS}`, count: count() })
      .from(webhooks)
      .groupBy(STATUS)
      .unionAll(counted('tenants', tenants))
      .unionAll(counted('letters', deadLetters))
      .unionAll(counted('jobs', tenantJobs))
  }
  return {
    async tell(tenantId, { day, source, hours }) {
      const sums = hours.reduce<Activity>(addActivity, NO_ACTIVITY)
      const values = { ...sums, hours: hours.map(toNumbers), latencies: [...sums.latencies] }
      await db
        .insert(activity)
        .values({ day: day / DAY_MS, tenantId, source, ...values })
        .onConflictDoUpdate({ target: KEY, set: values })
    },

    async ofTenant(tenantId, days) {
      const numbers = days.map((day) => day / DAY_MS).filter((day) => day !== CLOSED.day)
      const { day, source, hours } = activity
      const rows = await db
        .select({ day, source, hours })
        .from(activity)
        .where(and(inArray(day, numbers), eq(activity.tenantId, tenantId)))
      return rows.map((row): DayActivity => {
        const begin = row.day * DAY_MS
        return { ...row, day: begin, hours: row.hours.map((one) => toHour(begin, one)) }
      })
    },

    async total() {
      const open = sql`${activity.day} >= coalesce((${firstOpenDay}), 1)`
      return toActivity(await sumsWhere(sql`${activity.day} = ${CLOSED.day} OR ${open}`))
    },

    population: async () => toPopulation(await counts()),

    async summary(day) {
      const sums = sumsWhere(eq(activity.day, day / DAY_MS))
      const [today, population] = await db.batch([sums, counts()])
      return { today: toActivity(today), population: toPopulation(population) }
    },

    async close(until, forget) {
      const [first, kept] = [until / DAY_MS, forget / DAY_MS]
      const from = sql`coalesce((${firstOpenDay}), 1)`
      await db.run(sql`
          INSERT INTO ${activity} (day, tenant_id, source, hours, events, bytes, delivered, failed, diverted, microdollars,
            latency_ms, latencies)
          SELECT 0, '', '', json_array(json_array(max(${first}, ${from}))), ${sql.join(Object.values(SUMS), sql`, `)}
          FROM ${activity} WHERE day = 0 OR (day >= ${from} AND day < ${first})
          HAVING count(*) > 0
          ON CONFLICT DO UPDATE SET hours = excluded.hours, events = excluded.events, bytes = excluded.bytes,
            delivered = excluded.delivered, failed = excluded.failed, diverted = excluded.diverted,
            microdollars = excluded.microdollars, latency_ms = excluded.latency_ms, latencies = excluded.latencies`)
      const isOld = and(gt(activity.day, CLOSED.day), lt(activity.day, Math.min(kept, first)))
      await db.delete(activity).where(isOld)
    },
  }
}

/** The first day that is not closed, where any is. */
const firstOpenDay = sql`SELECT ${activity.hours} ->> '$[0][0]' FROM ${activity} WHERE ${activity.day} = ${CLOSED.day}`

/** `statusOf` of the model. */
const STATUS = sql<WebhookStatus>`CASE WHEN NOT ${webhooks.enabled} THEN 'disabled'
  WHEN ${webhooks.suspendedAt} IS NOT NULL THEN 'suspended' ELSE 'active' END`

const sumOf = (column: unknown) => sql<number>`coalesce(sum(${column}), 0)`

const SUMS = {
  events: sumOf(activity.events),
  bytes: sumOf(activity.bytes),
  delivered: sumOf(activity.delivered),
  failed: sumOf(activity.failed),
  diverted: sumOf(activity.diverted),
  microdollars: sumOf(activity.microdollars),
  latencyMs: sumOf(activity.latencyMs),
  latencies: sql<string>`json_array(${sql.join(
    NO_ACTIVITY.latencies.map((_, index) => sumOf(sql.raw(`latencies ->> ${index}`))),
    sql`, `,
  )})`,
}

interface Counted {
  readonly what: string
  readonly count: number
}

function toPopulation(rows: readonly Counted[]): Population {
  const countOf = (what: WebhookStatus | 'tenants' | 'letters' | 'jobs') =>
    rows.find((row) => row.what === what)?.count ?? 0
  return {
    tenants: countOf('tenants'),
    webhooks: {
      active: countOf('active'),
      suspended: countOf('suspended'),
      disabled: countOf('disabled'),
    },
    ...{ deadLetters: countOf('letters'), tenantJobs: countOf('jobs') },
  }
}

type Sums = Omit<Activity, 'latencies'> & { readonly latencies: string }

function toActivity([row]: readonly Sums[]): Activity {
  return row === undefined ? NO_ACTIVITY : { ...row, latencies: toCounts(row.latencies) }
}

function toCounts(text: string): readonly number[] {
  const counts: unknown = JSON.parse(text)
  return LATENCY_BOUNDS_MS.map((_, index) => index)
    .concat(LATENCY_BOUNDS_MS.length)
    .map((index) => (Array.isArray(counts) ? Number(counts[index] ?? 0) : 0))
}

/** As a row has an hour: its number, the sums in this order, then the latencies. */
function toNumbers({ hour, ...sums }: HourActivity): readonly number[] {
  const { events, bytes, delivered, failed, diverted, microdollars, latencyMs, latencies } = sums
  const rounded = Math.round(microdollars)
  const number = Math.floor(hour / HOUR_MS) % 24
  return [number, events, bytes, delivered, failed, diverted, rounded, latencyMs, ...latencies]
}

function toHour(day: number, numbers: readonly number[]): HourActivity {
  const [number = 0, events = 0, bytes = 0, delivered = 0, failed = 0, diverted = 0] = numbers
  const [microdollars = 0, latencyMs = 0, ...latencies] = numbers.slice(6)
  const counted = { events, bytes, delivered, failed, diverted, microdollars, latencyMs }
  return {
    hour: day + number * HOUR_MS,
    ...addActivity(NO_ACTIVITY, { ...counted, latencies }),
  }
}

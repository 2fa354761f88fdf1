// ActivityStore in memory.

import {
  type Activity,
  addActivity,
  type DayActivity,
  NO_ACTIVITY,
  statusOf,
  type WebhookStatus,
} from '../../src/engine/model/index.ts'
import type { ActivityStore } from '../../src/engine/ports/index.ts'
import type { Tables } from './stores.ts'

export function createMemoryActivityStore(tables: Tables): ActivityStore {
  const countOf = (status: WebhookStatus) =>
    [...tables.webhooks.values()].filter(({ webhook }) => statusOf(webhook) === status).length
  const told = new Map<string, { readonly tenantId: string; readonly of: DayActivity }>()
  let closed: Activity = NO_ACTIVITY
  let firstOpen = 0
  const sumOf = (days: Iterable<{ readonly of: DayActivity }>, from: Activity) =>
    [...days].flatMap(({ of }) => of.hours).reduce<Activity>(addActivity, from)
  const between = (since: number, until: number) =>
    [...told.values()].filter(({ of: { day } }) => day >= since && day < until)
  const population = () => ({
    tenants: tables.tenants.size,
    webhooks: {
      active: countOf('active'),
      suspended: countOf('suspended'),
      disabled: countOf('disabled'),
    },
    ...{ deadLetters: tables.letters.size, tenantJobs: tables.tenantJobs.size },
  })
  return {
    async tell(tenantId, of) {
      told.set(`${of.day} ${tenantId} ${of.source}`, { tenantId, of })
    },
    ofTenant: async (tenantId, days) =>
      [...told.values()].flatMap((one) =>
        one.tenantId === tenantId && days.includes(one.of.day) ? one.of : [],
      ),
    total: async () => sumOf(between(firstOpen, Number.MAX_SAFE_INTEGER), closed),
    population: async () => population(),
    summary: async (day) => {
      return { today: sumOf(between(day, day + 1), NO_ACTIVITY), population: population() }
    },
    async close(until, forget) {
      closed = sumOf(between(firstOpen, until), closed)
      firstOpen = Math.max(firstOpen, until)
      for (const [key, { of }] of told) if (of.day < Math.min(forget, until)) told.delete(key)
    },
  }
}

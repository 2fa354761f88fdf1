// How Hookline itself fares: whether its components can be reached, and what waits.

import { notFound } from '../errors.ts'
import { PAGE } from '../limits.ts'
import { startOfDay } from '../primitives/time.ts'
import { DIAGNOSTICS } from '../tuning.ts'
import type { System, SystemHealth } from './api.ts'
import type { ComponentState, Ports } from './ports/index.ts'
import { publicKeys, signDirectory } from './signing/index.ts'

/** What the last look of this isolate found. */
let latest: { readonly health: SystemHealth; readonly at: number } | null = null

export function createSystem({
  clock,
  diagnostics,
  activity,
  deploymentJobs,
  settings,
}: Pick<Ports, 'clock' | 'diagnostics' | 'activity' | 'deploymentJobs' | 'settings'>): System {
  return {
    async health() {
      const now = clock()
      if (latest && now >= latest.at && now - latest.at < DIAGNOSTICS.healthCacheMs) {
        return latest.health
      }
      // While this request looks, the others are answered with what was found before.
      if (latest) latest = { ...latest, at: now }
      const health = healthOf(await diagnostics.look())
      latest = { health, at: now }
      return health
    },
    async status() {
      const components = await diagnostics.look()
      return {
        health: healthOf(components),
        components,
        oldestUndeliveredMs: ageOf(oldestOf(components), clock()),
      }
    },
    async summary() {
      const now = clock()
      const [told, components] = await Promise.all([
        activity.summary(startOfDay(now)),
        diagnostics.lookAtQueues(),
      ])
      return { ...told, oldestUndeliveredMs: ageOf(oldestOf(components), now) }
    },
    async publicKeys() {
      if (settings.httpSigning.keys.length === 0) throw notFound('signing key')
      return publicKeys(settings.httpSigning)
    },
    signDirectory: (authority) => signDirectory(settings.httpSigning, authority, clock()),
    async metrics() {
      const [total, population, components, jobs] = await Promise.all([
        activity.total(),
        activity.population(),
        diagnostics.look(),
        deploymentJobs.list({ limit: PAGE.maxLimit, before: null }),
      ])
      const running = jobs.filter(({ progress }) => progress.state === 'running').length
      return { total, population, components, deploymentJobs: running }
    },
  }
}

function healthOf(components: readonly ComponentState[]): SystemHealth {
  return components.every(({ reachable }) => reachable) ? 'ok' : 'degraded'
}

function ageOf(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, now - at)
}

function oldestOf(components: readonly ComponentState[]): number | null {
  const times = components.flatMap(({ backlog }) => backlog?.oldestAt ?? [])
  return times.length === 0 ? null : Math.min(...times)
}

// Which tenant is meant by an id or a uid. What was read is kept for a while: a uid that is given up rests for longer than that
// (`TENANT`), so that nobody's events go to a tenant that has the uid by now. What is not there is not kept: it may be made at any time.

import { EngineError, notFound } from '../../errors.ts'
import { TENANT } from '../../limits.ts'
import { Lru } from '../../primitives/lru.ts'
import { isTenantName } from '../model/index.ts'
import type { Ports, TenantStore } from '../ports/index.ts'

interface Read {
  readonly id: string
  readonly at: number
}

/** Ids by name, of each store. */
const read = new WeakMap<TenantStore, Lru<string, Read>>()

function cacheOf(tenants: TenantStore): Lru<string, Read> {
  const cache = read.get(tenants) ?? new Lru<string, Read>({ max: TENANT.cacheEntries })
  read.set(tenants, cache)
  return cache
}

interface TenantDirectory {
  /** The id of a tenant by its id, in either case, or its uid. Throws `not_found`, or `unavailable`. */
  getId(name: string): Promise<string>
  /** The same of several, by name, without those that there are not, in one look for all that are not known. */
  findIds(names: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Forgets what a tenant is called, here: elsewhere it may be known for `TENANT.cacheMs` more. */
  forget(name: string): void
}

export function createTenantDirectory({
  tenants,
  clock,
}: Pick<Ports, 'tenants' | 'clock'>): TenantDirectory {
  const cache = cacheOf(tenants)

  const findIds = async (names: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const now = clock()
    const found = new Map<string, string>()
    const unknown: string[] = []
    for (const name of new Set(names)) {
      const known = cache.get(name)
      const isFresh = known && now - known.at >= 0 && now - known.at < TENANT.cacheMs
      if (isFresh) found.set(name, known.id)
      else if (isTenantName(name)) unknown.push(name)
    }
    if (unknown.length === 0) return found
    try {
      for (const [name, id] of await tenants.findIds(unknown)) {
        found.set(name, id)
        cache.set(name, { id, at: now })
      }
    } catch (cause) {
      // What was an id once is never another tenant's: publishing goes on while the database cannot be asked.
      const known = unknown.filter((name) => cache.get(name)?.id === name.toLowerCase())
      if (known.length < unknown.length) throw unavailable(cause)
      for (const name of known) found.set(name, name.toLowerCase())
    }
    return found
  }

  return {
    findIds,
    async getId(name) {
      const id = (await findIds([name])).get(name)
      if (id === undefined) throw notFound('tenant')
      return id
    },
    forget: (name) => cache.delete(name),
  }
}

function unavailable(cause: unknown): EngineError {
  return new EngineError(
    'unavailable',
    'Tenants cannot be looked up at the moment. Try again later.',
    { retryAfterSeconds: TENANT.retryAfterSeconds, cause },
  )
}

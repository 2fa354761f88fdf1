// What the tests of real faults share: an outage that is short, objects that die at a place of the test's choosing.

import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, vi } from 'vitest'
import { QUEUE } from '../../src/tuning.ts'

/** Lets what waits for a component come again at once, or after so many seconds, in this test file. */
export function makeOutagesShort(seconds = 0): void {
  const { unavailableDelaySeconds } = QUEUE
  beforeAll(() => void Object.assign(QUEUE, { unavailableDelaySeconds: seconds }))
  afterAll(() => void Object.assign(QUEUE, { unavailableDelaySeconds }))
}

type Method = (...args: never[]) => Promise<unknown>
type Death = (call: () => Promise<unknown>, state: DurableObjectState) => Promise<unknown>

/**
 * Lets the first `times` calls of an object's method come to `death`, which runs inside the object and makes the call
 * itself if it wants to. Tells how often it was called in all.
 */
export function dyingIn<Name extends string>(
  objects: { readonly prototype: { readonly [name in Name]: Method } },
  name: Name,
  times: number,
  death: Death,
): () => number {
  let calls = 0
  const method = objects.prototype[name]
  const spy = vi.spyOn(objects.prototype as Record<string, Method>, name)
  spy.mockImplementation(async function (this: { ctx: DurableObjectState }, ...args: never[]) {
    calls += 1
    const call = () => Promise.resolve(method.apply(this as never, args))
    return calls <= times ? death(call, this.ctx) : call()
  } as Method)
  return () => calls
}

/** Lets a consumer crash whenever it comes upon what is for this webhook, and on nothing else. */
export function crashOn(webhookId: string): void {
  const { groupBy } = Map
  vi.spyOn(Map, 'groupBy').mockImplementation((items, toKey) => {
    if (JSON.stringify([...items]).includes(webhookId)) throw new Error('The consumer crashed.')
    return groupBy(items, toKey)
  })
}

const WHY = 'The machine is needed elsewhere.'

/** Ways an object can die under a call. */
export const deaths: Readonly<Record<string, Death>> = {
  'before it does anything': async (_, state) => {
    state.abort(WHY)
    return undefined
  },
  'as soon as it wrote, before that is on disk': async (call, state) => {
    const answer = call()
    state.abort(WHY)
    return answer
  },
  'between what it wrote and its answer': async (call, state) => {
    await call()
    await state.storage.sync()
    state.abort(WHY)
    return undefined
  },
}

/** What an object's stub fails with: in the platform's words, and with its properties. */
export const stubErrors = {
  overloaded: Object.assign(new Error('Durable Object is overloaded. Too many requests queued.'), {
    overloaded: true,
    retryable: false,
  }),
  'not reachable': Object.assign(new Error('Network connection lost.'), { retryable: true }),
} as const

/** Lets the first `times` calls of these methods fail at the stub; tells how many failed. */
export function failingStubs(
  namespace: 'MONITORS' | 'EVENT_LOGS',
  { methods, times, error }: { methods: readonly string[]; times: number; error: Error },
): () => number {
  let failures = 0
  const objects = env[namespace] as unknown as Record<'getByName', (name: string) => object>
  const getByName = objects.getByName.bind(objects)
  vi.spyOn(objects, 'getByName').mockImplementation((name) => {
    return new Proxy(getByName(name), {
      get(target, member) {
        const found: unknown = Reflect.get(target, member)
        if (typeof found !== 'function') return found
        // A stub takes `bind` and the like for methods of its object.
        if (!methods.includes(String(member)) || failures >= times) {
          return (...args: unknown[]) => Reflect.apply(found, target, args)
        }
        return async () => {
          failures += 1
          throw error
        }
      },
    })
  })
  return () => failures
}

/** How a statement fails: before the database had it, or after, so that only the answer is lost. */
type Loss = 'statement' | 'answer'

/** Which statements fail, and how. */
let isDown: (sql: string) => boolean = () => false
let loss: Loss = 'statement'
let isWatched = false

/**
 * Lets statements and batches of the database fail while `down` says so, until it is well again. Statements are rejected
 * when they are run, as a lost connection does it.
 */
export function failingDatabase(down: (sql: string) => boolean, how: Loss = 'statement'): void {
  isDown = down
  loss = how
}

export function databaseIsWell(): void {
  failingDatabase(() => false)
}

/** Before the first call of a runtime: what is prepared once is watched from then on, or never. */
export function watchDatabase(): void {
  if (isWatched) return
  isWatched = true
  const { prepare, batch } = env.DB
  const lost = async (call: () => Promise<unknown>): Promise<never> => {
    if (loss === 'answer') await call()
    throw new Error('D1_ERROR: Network connection lost.')
  }
  const texts = new WeakMap<object, string>()
  const originals = new WeakMap<object, D1PreparedStatement>()

  function watched(statement: D1PreparedStatement, sql: string): D1PreparedStatement {
    const proxy = new Proxy(statement, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name)
        if (typeof found !== 'function') return found
        return (...args: unknown[]) => {
          if (name === 'bind') return watched(Reflect.apply(found, target, args), sql)
          const call = () => Reflect.apply(found, target, args) as Promise<unknown>
          return isDown(sql) ? lost(call) : call()
        }
      },
    })
    texts.set(proxy, sql)
    originals.set(proxy, statement)
    return proxy
  }

  env.DB.prepare = (sql) => watched(prepare.call(env.DB, sql), sql)
  env.DB.batch = (statements) => {
    const own = statements.map((statement) => originals.get(statement) ?? statement)
    const call = () => batch.call(env.DB, own)
    const down = statements.some((statement) => isDown(texts.get(statement) ?? ''))
    return (down ? lost(call) : call()) as never
  }
}

// Lets objects die at their awaits, one place after the other. What an object awaits leaves it somewhere: its storage, the database, a
// queue, another object, a timer. Each of these calls is a place to die at, before it is made and after it came to its end.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { AsyncLocalStorage } from 'node:async_hooks'
import { EventLogObject } from '../../src/platform/durable/event-log/event-log.ts'
import { WebhookMonitor } from '../../src/platform/durable/webhook-monitor/webhook-monitor.ts'

type Function_ = (this: never, ...args: never[]) => unknown
type Members = Record<string, Function_>

/** Work that an object does for one of its callers. */
interface Inside {
  readonly object: { readonly ctx: DurableObjectState }
  readonly method: string
  readonly life: Life
}

/** How often a life comes past a place until that is no other one: first in an object that knows nothing yet, then in one that does. */
const TIMES = 2

/** What may die, once: the objects of one tenant. */
export class Life {
  /** Where it died; null while nothing has. */
  diedAt: string | null = null
  private isMortal = true
  private readonly passed = new Map<string, number>()

  /** Nothing of it dies any more. */
  spare(): void {
    this.isMortal = false
  }

  /** Whether this place is where it dies: the first one at which nobody has. */
  endsAt(place: string): boolean {
    const count = (this.passed.get(place) ?? 0) + 1
    this.passed.set(place, count)
    const numbered = `${place} (${count})`
    if (count > TIMES || !this.isMortal || this.diedAt !== null || places.has(numbered))
      return false
    places.add(numbered)
    this.diedAt = numbered
    return true
  }
}

/** Where objects have died, over all lives. */
export const places = new Set<string>()

const WHY = 'The machine is needed elsewhere.'
const inside = new AsyncLocalStorage<Inside>()
const lives = new Map<string, Life>()
const undo: (() => void)[] = []

/** Has the objects of a tenant die somewhere: its event log, and the monitors of these webhooks. */
export function mortal(tenantId: string, webhookIds: readonly string[]): Life {
  const life = new Life()
  lives.set(env.EVENT_LOGS.idFromName(tenantId).toString(), life)
  for (const id of webhookIds) lives.set(env.MONITORS.idFromName(id).toString(), life)
  return life
}

/** Whether the object that this belongs to dies here; then nothing of it goes on. */
function dies(what: string): boolean {
  const about = inside.getStore()
  if (about === undefined) return false
  const kind = about.object instanceof WebhookMonitor ? 'WebhookMonitor' : 'EventLog'
  if (!about.life.endsAt(`${kind}.${about.method}: ${what}`)) return false
  about.object.ctx.abort(WHY)
  return true
}

/** Of a call that an object waits for: dead before it, or after it. */
function around(what: string, call: () => unknown): unknown {
  if (inside.getStore() === undefined) return call()
  if (dies(`before ${what}`)) return new Promise(() => {})
  const made = call()
  if (!(made instanceof Promise)) return made
  return made.then((value) => (dies(`after ${what}`) ? new Promise(() => {}) : value))
}

function replace(owner: object, name: string, by: (former: Function_) => Function_): void {
  const members = owner as Members
  const isOwn = Object.hasOwn(owner, name)
  const former = members[name]
  if (former === undefined) throw new Error(`There is no ${name}.`)
  members[name] = by(former)
  undo.push(() => {
    if (isOwn) members[name] = former
    else delete members[name]
  })
}

/** Each of these calls is a place. */
function watch(owner: object, component: string, names: readonly string[]): void {
  for (const name of names) {
    replace(owner, name, (former) => {
      return function (this: never, ...args: never[]) {
        return around(`${component}.${name}`, () => Reflect.apply(former, this, args))
      }
    })
  }
}

/** All calls of other objects. */
function watchStubs(namespace: 'MONITORS' | 'EVENT_LOGS'): void {
  replace(env[namespace], 'getByName', (former) => {
    return ((name: never) => {
      const stub = Reflect.apply(former, env[namespace], [name]) as object
      if (inside.getStore() === undefined) return stub
      return new Proxy(stub, {
        get(target, member) {
          const found: unknown = Reflect.get(target, member)
          if (typeof found !== 'function') return found
          const what = `${namespace}.${String(member)}`
          return (...args: unknown[]) => around(what, () => Reflect.apply(found, target, args))
        },
      })
    }) as Function_
  })
}

/** Has whatever an object does for a caller be known as its work. */
function watchObjects(prototype: object): void {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (typeof value !== 'function' || name === 'constructor') continue
    replace(prototype, name, (former) => {
      return function (this: never, ...args: never[]) {
        const object = this as Inside['object']
        const call = () => Reflect.apply(former, this, args)
        const life = lives.get(object.ctx.id.toString())
        if (life === undefined || inside.getStore()?.object === object) return call()
        return inside.run({ object, method: name, life }, call)
      }
    })
  }
}

/** To be called before the first life begins. `anyLog`: the name of an event log. */
export async function watchAwaits(anyLog: string): Promise<void> {
  let base: object = EventLogObject.prototype
  for (let one = base; one.constructor.name !== 'DurableObject'; one = Object.getPrototypeOf(one)) {
    if (!('alarm' in one)) break
    base = one
    watchObjects(one)
  }
  for (const one of [WebhookMonitor.prototype, Object.getPrototypeOf(WebhookMonitor.prototype)]) {
    if (one !== base) watchObjects(one)
  }
  await runInDurableObject(env.EVENT_LOGS.getByName(anyLog), (_, { storage }) => {
    const names = ['sync', 'getAlarm', 'setAlarm', 'deleteAlarm', 'deleteAll']
    watch(Object.getPrototypeOf(storage), 'storage', names)
  })
  const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1'))
  watch(statement, 'database', ['all', 'first', 'run', 'raw'])
  watch(env.DB, 'database', ['batch'])
  watch(Object.getPrototypeOf(env.ACCEPTED), 'queue', ['send', 'sendBatch'])
  watchStubs('MONITORS')
  watchStubs('EVENT_LOGS')
  replace(globalThis, 'setTimeout', (former) => {
    return ((work: () => void, ms: number, ...args: never[]) => {
      const start = (then: () => void) =>
        Reflect.apply(former, globalThis, [then, ms, ...args] as never)
      if (inside.getStore() === undefined || ms > 0) return start(work)
      if (dies('before a turn')) return start(() => {})
      return start(() => {
        if (!dies('after a turn')) work()
      })
    }) as Function_
  })
}

export function watchNoMore(): void {
  for (const each of undo.splice(0).toReversed()) each()
  lives.clear()
}

// Durable Objects: requests where they are called, rows and alarms where they are stored.

import type { Meter } from './counts.ts'

/** A namespace whose objects count every call: "every RPC method call … is its own RPC session", one request. */
export function meteredNamespace<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  meter: Meter,
): DurableObjectNamespace<T> {
  return new Proxy(namespace, {
    get(target, name) {
      const member = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (name !== 'getByName' && name !== 'get') return member.bind(target)
      return (...args: unknown[]) => {
        const stub: unknown = Reflect.apply(member, target, args)
        return typeof stub === 'object' && stub !== null ? meteredStub(stub, meter) : stub
      }
    },
  })
}

/** Not calls of the object: what a promise or a stub itself is asked. */
const OWN = new Set<PropertyKey>(['then', 'catch', 'finally', 'dup', 'constructor'])

function meteredStub<S extends object>(stub: S, meter: Meter): S {
  return new Proxy(stub, {
    get(target, name) {
      const member = Reflect.get(target, name, target)
      if (typeof member !== 'function' || typeof name !== 'string' || OWN.has(name)) return member
      return (...args: unknown[]) => {
        meter.add('objectRequests')
        return Reflect.apply(member, target, args)
      }
    },
  })
}

interface Watched {
  readonly cursor: SqlStorageCursor<Record<string, SqlStorageValue>>
  read: number
  written: number
}

/** Statements of one object that are looked at again, in case they were not read to the end at once. */
const KEPT = 16

/** What writes or reads without a cursor to count by: whoever begins to use it has the meter learn it first. */
const UNCOUNTED = ['get', 'put', 'delete', 'list', 'kv'] as const

/** The same storage, counting from now on; what it cannot count throws. */
export function meterStorage(ctx: DurableObjectState, meter: Meter): DurableObjectState {
  const { sql } = ctx.storage
  const watched: Watched[] = []
  const settle = () => {
    for (const seen of watched) {
      const { rowsRead, rowsWritten } = seen.cursor
      meter.add('objectRowsRead', rowsRead - seen.read)
      meter.add('objectRowsWritten', rowsWritten - seen.written)
      seen.read = rowsRead
      seen.written = rowsWritten
    }
    watched.splice(0, watched.length - KEPT)
  }
  const exec = sql.exec.bind(sql)
  const setAlarm = ctx.storage.setAlarm.bind(ctx.storage)
  Object.defineProperties(sql, {
    exec: {
      value: (query: string, ...bindings: unknown[]) => {
        const cursor = exec(query, ...bindings)
        watched.push({ cursor, read: 0, written: 0 })
        // Now it is open; at the end of this turn most have been read.
        queueMicrotask(settle)
        return cursor
      },
    },
  })
  for (const name of UNCOUNTED) {
    Object.defineProperty(ctx.storage, name, {
      get() {
        throw new Error(`The meter does not count storage.${name}.`)
      },
    })
  }
  Object.defineProperties(ctx.storage, {
    setAlarm: {
      value: (at: number | Date, options?: DurableObjectSetAlarmOptions) => {
        // "Each setAlarm() is billed as a single row written."
        meter.add('objectRowsWritten')
        return setAlarm(at, options)
      },
    },
  })
  return ctx
}

// Everything that leaves the Worker or stays in it: answers, log lines, queue messages, D1, both kinds of objects.

import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { vi } from 'vitest'
import { callInstead } from '../fixtures/hookline.ts'
import { latin1, type Place } from './secrets-search.ts'

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const

export interface Recording {
  readonly answers: Place[]
  readonly logs: Place[]
  readonly messages: Place[]
}

/** Starts to record; what is stored is read at the end, by `dumpStorage`. */
export function record(): Recording {
  const recording: Recording = { answers: [], logs: [], messages: [] }
  callInstead(async (request) => {
    const name = `${request.method} ${new URL(request.url).pathname}`
    const response = await exports.default.fetch(request)
    const headers = JSON.stringify([...response.headers])
    recording.answers.push({ name, text: `${headers}\n${await response.clone().text()}` })
    return response
  })
  for (const method of METHODS) {
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => {
      recording.logs.push({ name: `console.${method}`, text: args.map(toText).join(' ') })
    })
  }
  for (const method of ['send', 'sendBatch'] as const) {
    const queue: Queue = Object.getPrototypeOf(env.EVENTS)
    const original = queue[method]
    vi.spyOn(queue, method).mockImplementation(function (this: Queue, ...args: unknown[]) {
      recording.messages.push({ name: `a queue message`, text: toText(args) })
      return Reflect.apply(original, this, args)
    })
  }
  return recording
}

/** Every table of D1 and of every object, and what objects keep by key. */
export async function dumpStorage(): Promise<Place[]> {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  ).all<{ name: string }>()
  const places: Place[] = []
  for (const { name } of results) {
    const rows = await env.DB.prepare(`SELECT * FROM "${name}"`).all()
    places.push({ name: `table ${name} of D1`, text: toText(rows.results) })
  }
  return [
    ...places,
    ...(await dumpObjects('MONITORS')),
    ...(await dumpObjects('EVENT_LOGS')),
    ...(await dumpObjects('DEPLOYMENT_JOBS')),
  ]
}

async function dumpObjects(
  binding: 'MONITORS' | 'EVENT_LOGS' | 'DEPLOYMENT_JOBS',
): Promise<Place[]> {
  const namespace: DurableObjectNamespace = env[binding]
  const places: Place[] = []
  for (const id of await listDurableObjectIds(namespace)) {
    await runInDurableObject(namespace.get(id), async (_, { storage }) => {
      const names = storage.sql.exec<{ name: string }>(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'`,
      )
      for (const { name } of names.toArray()) {
        const rows = storage.sql.exec(`SELECT * FROM "${name}"`).toArray()
        places.push({ name: `table ${name} of ${binding}`, text: toText(rows) })
      }
      const entries = [...(await storage.list())]
      places.push({ name: `storage of ${binding}`, text: toText(entries) })
    })
  }
  return places
}

/** Bytes as they are, and everything else as JSON. */
function toText(value: unknown): string {
  if (typeof value === 'string') return value
  const blobs: string[] = []
  const json = JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Error) return { error: String(part), stack: part.stack }
    const bytes = part instanceof ArrayBuffer ? new Uint8Array(part) : part
    if (!(bytes instanceof Uint8Array)) return part
    blobs.push(latin1(bytes))
    return undefined
  })
  return [json, ...blobs].join('\n')
}

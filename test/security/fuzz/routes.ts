// What there is to fuzz, asked of the app itself: its routes from Hono's table, what a call of `/v1` takes from its
// description, and what a vendor's route validates by from watching it do so.

import { z } from 'zod'
import { nativeCalls } from '../../../src/api/index.ts'
import { createApp, createDialectRuntimes } from '../../../src/compose.ts'
import { dialects } from '../../../src/dialects/index.ts'

export interface FuzzRoute {
  /** `native` or the id of a dialect. */
  readonly surface: string
  readonly method: string
  /** With `:name` for each parameter. */
  readonly path: string
  readonly access: 'public' | 'administrator' | 'key'
  readonly bodies: readonly { readonly mediaType: string; readonly schema: z.core.$ZodType }[]
  readonly query: z.core.$ZodType | null
}

/** A request of a route with nothing wrong but, perhaps, its empty input. */
export type Probe = (route: FuzzRoute) => Promise<unknown>

/** Every route of every surface. `probe` is asked to call those whose input nothing describes. */
export async function findRoutes(probe: Probe): Promise<readonly FuzzRoute[]> {
  const found = new Map<string, FuzzRoute>()
  for (const { method, path } of createApp().routes) {
    if (method === 'ALL') continue
    const plain = path.replaceAll(/\{[^/]*\}/g, '').replace(/(?<=.)\/$/, '')
    found.set(`${method} ${plain}`, describe(method, plain))
  }
  const routes = [...found.values()]
  return Promise.all(
    routes.map(async (route) => {
      if (route.surface === 'native' || route.method === 'DELETE') return route
      const [schema] = await schemasUsedBy(() => probe(route))
      if (schema === undefined) return route
      return route.method === 'GET'
        ? { ...route, query: schema }
        : { ...route, bodies: [{ mediaType: 'application/json', schema }] }
    }),
  )
}

const calls = nativeCalls(createDialectRuntimes()).map(({ description }) => description)

function describe(method: string, path: string): FuzzRoute {
  const dialect = dialects.find(
    ({ basePath }) => path === basePath || path.startsWith(`${basePath}/`),
  )
  const route = { method, path, access: 'key', bodies: [], query: null } as const
  if (dialect !== undefined) return { ...route, surface: dialect.id }
  const call = calls.find(
    (one) =>
      one.method.toUpperCase() === method &&
      `/v1${one.path.replaceAll(/\{(\w+)\}/g, ':$1')}` === path,
  )
  if (call === undefined) throw new Error(`Nothing says what ${method} ${path} takes.`)
  const { query = null, body } = call.takes.described
  return {
    ...route,
    surface: 'native',
    access: typeof call.access === 'string' ? call.access : 'key',
    query,
    bodies: Object.entries(body?.content ?? {}).flatMap(([mediaType, content]) =>
      content?.schema instanceof z.ZodType ? [{ mediaType, schema: content.schema }] : [],
    ),
  }
}

/** One probe at a time: who asks is known by when. */
let turn: Promise<unknown> = Promise.resolve()

/** The schemas that were asked to judge something while `work` went on, in order. */
async function schemasUsedBy(work: () => Promise<unknown>): Promise<readonly z.ZodType[]> {
  const mine = turn.then(() => watch(work))
  turn = mine
  return mine
}

async function watch(work: () => Promise<unknown>): Promise<readonly z.ZodType[]> {
  const used: z.ZodType[] = []
  const restore = KINDS.map((kind) => watchKind(kind, used))
  try {
    await work()
  } finally {
    for (const undo of restore) undo()
  }
  return used
}

/** One schema of each kind that may stand for a whole input. */
const KINDS = [
  z.object({}),
  z.array(z.any()),
  z.union([z.any()]),
  z.record(z.string(), z.any()),
  z.string().transform(String),
  z.preprocess(String, z.string()),
]

/** Zod binds `safeParse` to a schema when it is first read: a getter of the prototype. */
function watchKind(kind: z.ZodType, used: z.ZodType[]): () => void {
  const prototype = Object.getPrototypeOf(kind)
  const original = Object.getOwnPropertyDescriptor(prototype, 'safeParse')
  if (original?.get === undefined) throw new Error('Zod has changed: safeParse is no getter.')
  Object.defineProperty(prototype, 'safeParse', {
    ...original,
    get(this: z.ZodType) {
      used.push(this)
      const bound = original.get?.call(this)
      Reflect.deleteProperty(this, 'safeParse')
      return bound
    },
  })
  return () => Object.defineProperty(prototype, 'safeParse', original)
}

// The direction of imports (design.md, "Rooms"), read from the sources.

import { describe, expect, it } from 'vitest'

const sources = import.meta.glob<string>('../src/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
})

interface Source {
  /** Below `src`, such as `engine/model.ts`. */
  readonly path: string
  readonly text: string
}

const files: readonly Source[] = Object.entries(sources).map(([name, text]) => ({
  path: name.replace('../src/', ''),
  text,
}))

/** What a file names in `import`, `export … from` and `import()`: a package, or a path below `src`. */
function importsOf({ path, text }: Source): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const names = [
    ...code.matchAll(/\bfrom\s*(['"])(.+?)\1/g),
    ...code.matchAll(/\bimport\s*\(?\s*(['"])(.+?)\1/g),
  ].map(([, , name = '']) => name)
  return names.map((name) => (name.startsWith('.') ? resolve(path, name) : name))
}

function resolve(from: string, relative: string): string {
  return new URL(relative, `file:///${from}`).pathname.slice(1)
}

/** The files at the top see everything; every other one lives in a room. */
const TOP = /^(worker|app|outbounds|create-worker)\.ts$/
const ROOMS = ['engine', 'platform', 'http', 'api', 'dialects'] as const
type Room = (typeof ROOMS)[number]

const roomOf = (path: string): Room | undefined => ROOMS.find((room) => path.startsWith(`${room}/`))

/** Which rooms a room may import from, itself aside; `config.ts` may be imported by all. */
const INWARD: Readonly<Record<Room, readonly Room[]>> = {
  engine: [],
  platform: ['engine'],
  http: ['engine'],
  api: ['http', 'engine'],
  dialects: ['http', 'engine'],
}

/** Which rooms may import a package; those not named here are everybody's own business. */
const PACKAGES: readonly (readonly [pattern: RegExp, rooms: readonly Room[]])[] = [
  [/^(cloudflare|node):/, ['platform']],
  [/^drizzle-orm(\/|$)/, ['platform']],
  [/^hono(\/|$)/, ['http', 'api', 'dialects']],
]

/** All that the engine may import from outside: nothing that knows where it runs. */
const ENGINE_PACKAGES = ['zod', 'uuid', 'jsonc-parser']

const vendorOf = (path: string) => /^dialects\/([^/]+)\//.exec(path)?.[1]

/** What is wrong with the imports of these files, a sentence for each. */
function violations(all: readonly Source[]): readonly string[] {
  return all.flatMap((file) =>
    importsOf(file).flatMap((name) =>
      objections(file.path, name).map((why) => `${file.path} imports ${name}: ${why}`),
    ),
  )
}

function objections(path: string, name: string): readonly string[] {
  const found: string[] = []
  const room = roomOf(path)
  const isPackage = !name.endsWith('.ts')
  if (room === undefined) {
    if (path === 'config.ts') found.push('config.ts imports nothing')
    else if (!TOP.test(path)) found.push('this file belongs to no room')
    else if (/^drizzle-orm/.test(name)) found.push('only platform knows the database')
    else if (/^cloudflare:/.test(name) && !/worker\.ts$/.test(path)) found.push('not here')
    return found
  }
  if (isPackage) {
    const isForeign = PACKAGES.some(([is, rooms]) => is.test(name) && !rooms.includes(room))
    const isTooMuch = room === 'engine' && !ENGINE_PACKAGES.includes(name)
    return isForeign || isTooMuch ? [`not a package for ${room}`] : []
  }
  const target = roomOf(name)
  if (target === undefined && name !== 'config.ts') found.push('the top is nobody’s to import')
  if (target !== undefined && target !== room && !INWARD[room].includes(target)) {
    found.push(`${room} does not see ${target}`)
  }
  const [own, other] = [vendorOf(path), vendorOf(name)]
  if (own !== undefined && other !== undefined && own !== other) {
    found.push('a dialect never imports another')
  }
  if (room === 'dialects' && own !== undefined && name === 'dialects/index.ts') {
    found.push('a dialect does not know the list of dialects')
  }
  return found
}

const VENDORS = /every.?point|crazy.?gold.?fish|infermedica|contract\.?fit|socotra/gi

/** Vendors named outside of the one room that knows them. */
function vendorsNamed(all: readonly Source[]): readonly string[] {
  return all
    .filter(({ path }) => roomOf(path) !== 'dialects')
    .flatMap(({ path, text }) => (text.match(VENDORS) ?? []).map((name) => `${path}: ${name}`))
}

describe('the sources', () => {
  it('are all here', () => {
    const rooms = new Set(files.map(({ path }) => roomOf(path)))
    expect([...rooms].filter((room) => room !== undefined).toSorted()).toEqual(ROOMS.toSorted())
    expect(files.length).toBeGreaterThan(100)
    expect(files.flatMap(importsOf).length).toBeGreaterThan(400)
  })

  it('import inward only', () => {
    expect(violations(files)).toEqual([])
  })

  it('name no vendor outside of the dialects', () => {
    expect(vendorsNamed(files)).toEqual([])
  })

  it('import nothing that is not there', () => {
    const paths = new Set(files.map(({ path }) => path))
    const missing = files.flatMap((file) =>
      importsOf(file).filter((name) => name.endsWith('.ts') && !paths.has(name)),
    )
    expect(missing).toEqual([])
  })
})

describe('a planted violation is found', () => {
  it.each([
    ['engine/pipeline/x.ts', "import { Hono } from 'hono'"],
    ['engine/pipeline/x.ts', "import { env } from 'cloudflare:workers'"],
    ['engine/x.ts', "import type { Env } from '../platform/env.ts'"],
    ['engine/x.ts', "import { send } from '../http/body.ts'"],
    ['engine/x.ts', "export * from '../outbounds.ts'"],
    ['engine/x.ts', "import { ulid } from 'ulidx'"],
    ['engine/x.ts', "const { sql } = await import('drizzle-orm')"],
    ['platform/durable/x.ts', "import { routes } from '../../api/index.ts'"],
    ['platform/x.ts', 'import { Hono } from "hono/tiny"'],
    ['platform/x.ts', "import '../dialects/index.ts'"],
    ['http/x.ts', "import { createPorts } from '../platform/ports.ts'"],
    ['http/x.ts', "import { eq } from 'drizzle-orm/sqlite-core'"],
    ['api/x.ts', "import {\n  dialects,\n} from '../dialects/index.ts'"],
    ['api/x.ts', "import { WorkerEntrypoint } from 'cloudflare:workers'"],
    ['dialects/socotra/x.ts', "import { policy } from '../infermedica/policy.ts'"],
    ['dialects/socotra/x.ts', "import { dialects } from '../index.ts'"],
    ['dialects/socotra/x.ts', "import { native } from '../../api/native-wire.ts'"],
    ['dialects/socotra/x.ts', "import { log } from '../../platform/log.ts'"],
    ['app.ts', "import { sql } from 'drizzle-orm'"],
    ['config.ts', "import { VERSION } from './engine/model.ts'"],
    ['utilities.ts', "import { VERSION } from './config.ts'"],
  ])('in %s: %s', (path, text) => {
    expect(violations([{ path, text }])).toHaveLength(1)
  })

  it.each([
    ['engine/x.ts', "import { z } from 'zod'\nimport { PAGE } from '../config.ts'"],
    ['engine/x.ts', "// import { Hono } from 'hono'\n/* from 'hono' */"],
    ['platform/x.ts', "import { eq } from 'drizzle-orm'\nimport { newId } from '../engine/ids.ts'"],
    ['dialects/socotra/x.ts', "import { wire } from './wire.ts'\nimport '../dialect.ts'"],
    ['worker.ts', "import { WorkerEntrypoint } from 'cloudflare:workers'"],
  ])('and nothing else: %s: %s', (path, text) => {
    expect(violations([{ path, text }])).toEqual([])
  })

  it('a vendor’s name among them', () => {
    const text = "const url = 'https://api.everypoint.io'"
    expect(vendorsNamed([{ path: 'platform/x.ts', text }])).toHaveLength(1)
    expect(vendorsNamed([{ path: 'api/x.ts', text }])).toHaveLength(1)
    expect(vendorsNamed([{ path: 'config.ts', text }])).toHaveLength(1)
    expect(vendorsNamed([{ path: 'dialects/everypoint/x.ts', text }])).toEqual([])
  })
})

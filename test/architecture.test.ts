// How the house stands, read from the sources: who may import whom, what is named where, and how large a thought may be.

import { describe, expect, it } from 'vitest'

const sources = import.meta.glob<string>('../src/**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** What beside the sources uses them. */
const users = import.meta.glob<string>(
  [
    '../test/**/*.ts',
    '../bench/**/*.ts',
    '../cli/**/*.ts',
    '../demo/**/*.ts',
    '../scripts/**/*.ts',
    '../*.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
)

const migrations = import.meta.glob<string>('../migrations/*.sql', {
  query: '?raw',
  import: 'default',
  eager: true,
})
const tests: readonly Source[] = Object.entries(users).map(([name, text]) => ({
  path: belowRepository(name),
  text,
}))

/** Whatever cites, and what is cited; paths below the repository. */
const citing = import.meta.glob<string>(
  '../{src,test,bench,clients,cli,demo,scripts,examples}/**/*.{ts,tsx}',
  {
    query: '?raw',
    import: 'default',
    eager: true,
  },
)
const documents: ReadonlyMap<string, string> = new Map(
  Object.entries(
    import.meta.glob<string>(['../*.md', '../docs/**/*.md', '../{src,test,examples}/**/*.md'], {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  ).map(([name, text]) => [belowRepository(name), text]),
)

/** The keys of a glob are relative to this file: `../docs/x.md`, `./dialects/x.ts`. */
function belowRepository(name: string): string {
  return resolve('test/architecture.test.ts', name)
}

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
  const code = withoutComments(text)
  const names = [
    ...code.matchAll(/\bfrom\s*(['"])(.+?)\1/g),
    ...code.matchAll(/\bimport\s*\(?\s*(['"])(.+?)\1/g),
  ].map(([, , name = '']) => name)
  return names.map((name) => (name.startsWith('.') ? resolve(path, name) : name))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

function resolve(from: string, relative: string): string {
  return new URL(relative, `file:///${from}`).pathname.slice(1)
}

/** The files at the top see everything; every other one lives in a room. */
const TOP = /^(worker|compose)\.ts$/
/** Imported by all, and importing nothing but each other. */
const FOUNDATIONS: readonly string[] = [
  'errors.ts',
  'limits.ts',
  'prices.ts',
  'retention.ts',
  'tuning.ts',
  'version.ts',
]
const ROOMS = [
  'primitives',
  'engine',
  'platform',
  'http',
  'api',
  'console',
  'mcp',
  'dialects',
  'rpc',
] as const
type Room = (typeof ROOMS)[number]

const roomOf = (path: string): Room | undefined => ROOMS.find((room) => path.startsWith(`${room}/`))

/** Which rooms a room may import from, itself and the foundations aside. */
const INWARD: Readonly<Record<Room, readonly Room[]>> = {
  primitives: [],
  engine: ['primitives'],
  platform: ['engine', 'primitives'],
  http: ['engine', 'primitives'],
  api: ['http', 'engine', 'primitives'],
  console: ['api', 'http', 'engine', 'primitives'],
  mcp: ['api', 'http', 'engine', 'primitives'],
  dialects: ['http', 'engine', 'primitives'],
  rpc: ['http', 'engine', 'platform', 'primitives'],
}

/** The engine's rooms, from the innermost outward: each imports from those before its own row only. */
const ENGINE_ROWS: readonly (readonly string[])[] = [
  ['model'],
  ['ports', 'signing', 'expressions'],
  ['api'],
  ['api.ts'],
  ['attempt', 'diagnosis', 'messages'],
  ['health', 'jobs', 'catalogue', 'audit'],
  ['intake', 'notifications', 'configuration'],
  ['visibility', 'delivery'],
]

/** What of the engine may be imported from outside of it: its door, its nouns, its ports, and some that are pure. */
const ENTRY_POINTS: readonly RegExp[] = [
  /^engine\/index\.ts$/,
  /^engine\/(model|ports|messages)\//,
  /^engine\/signing\/index\.ts$/,
  /^engine\/intake\/(acceptance|event-input|match|parse)\.ts$/,
  /^engine\/attempt\/(failure-handling|header-policy|order-key|preview)\.ts$/,
  /^engine\/catalogue\/(convert|references)\.ts$/,
  /^engine\/expressions\/(bounds|compile|presets)\.ts$/,
  /^engine\/diagnosis\/diagnose\.ts$/,
  /^engine\/notifications\/alert\.ts$/,
  // What the objects run inside.
  /^engine\/health\/(apply-report|attempt-filter|backlog|health|hold|joint-delivery|operational-event|order|pause|permits|rate|requests-under-way|runs|without-content)\.ts$/,
  /^engine\/jobs\/deployment-steps\.ts$/,
]

/** The room inside the engine; its files at the root put it together, and see all of it. */
function engineRoomOf(path: string): string | undefined {
  const [room, first = '', ...deeper] = path.split('/')
  if (room !== 'engine') return undefined
  return deeper.length > 0 || first === 'api.ts' ? first : undefined
}

const rowOf = (room: string) => ENGINE_ROWS.findIndex((row) => row.includes(room))

/** Which rooms may import a package; those not named here are everybody's own business. */
const PACKAGES: readonly (readonly [pattern: RegExp, rooms: readonly Room[]])[] = [
  [/^(cloudflare|node):/, ['platform', 'rpc']],
  [/^drizzle-orm(\/|$)/, ['platform']],
  [/^hono(\/|$)/, ['http', 'api', 'console', 'mcp', 'dialects']],
  [/^@modelcontextprotocol\//, ['mcp']],
]

/** All that the engine, and what is below it, may import from outside: nothing that knows where it runs. */
const ENGINE_PACKAGES = ['zod', 'uuid', 'jsonata', 'jsonc-parser', 're2js']

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
    if (FOUNDATIONS.includes(path)) {
      if (!FOUNDATIONS.includes(name)) found.push('a foundation imports no room')
    } else if (!TOP.test(path)) found.push('this file belongs to no room')
    else if (/^drizzle-orm/.test(name)) found.push('only platform knows the database')
    else if (/^cloudflare:/.test(name) && !/worker\.ts$/.test(path)) found.push('not here')
    return found
  }
  if (isPackage) {
    const isForeign = PACKAGES.some(([is, rooms]) => is.test(name) && !rooms.includes(room))
    const isInner = room === 'engine' || room === 'primitives'
    const isTooMuch = isInner && !ENGINE_PACKAGES.includes(name)
    return isForeign || isTooMuch ? [`not a package for ${room}`] : []
  }
  const target = roomOf(name)
  if (target === undefined && !FOUNDATIONS.includes(name)) {
    found.push('the top is nobody’s to import')
  }
  if (target !== undefined && target !== room && !INWARD[room].includes(target)) {
    found.push(`${room} does not see ${target}`)
  }
  if (target === 'engine' && room !== 'engine' && !ENTRY_POINTS.some((is) => is.test(name))) {
    found.push('not an entry point of the engine')
  }
  const [from, to] = [engineRoomOf(path), engineRoomOf(name)]
  if (from !== undefined && target === 'engine' && from !== to) {
    if (to === undefined || rowOf(to) >= rowOf(from)) found.push(`engine/${from} stands below it`)
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

/** Circles of imports, each as the way around. */
function circles(all: readonly Source[]): readonly string[] {
  const imports = new Map(all.map((file) => [file.path, importsOf(file)]))
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]) => {
    const start = way.indexOf(path)
    if (start >= 0) found.add([...way.slice(start), path].join(' > '))
    if (start >= 0 || done.has(path)) return
    for (const name of imports.get(path) ?? []) visit(name, [...way, path])
    done.add(path)
  }
  for (const { path } of all) visit(path, [])
  return [...found]
}

/** What the Worker's entry loads when it starts, packages among it: whatever is imported, but for what is imported later. */
function loadedAtStart(all: readonly Source[]): readonly string[] {
  const texts = new Map(all.map(({ path, text }) => [path, text]))
  const loaded = new Set<string>()
  const load = (name: string) => {
    if (loaded.has(name)) return
    loaded.add(name)
    const text = texts
      .get(name)
      ?.replace(/\bimport\(/g, '')
      .replace(/^import type\b.*$/gm, '')
    if (text !== undefined) importsOf({ path: name, text }).forEach(load)
  }
  load('worker.ts')
  return [...loaded]
}

/** Large, and asked for by few: loaded when somebody does. */
const LATER = /^@modelcontextprotocol\/|^mcp\/tools\//

/** What the engine must not know: where it runs, and how surfaces answer. */
const PLATFORM_WORDS =
  /\b(D1\w*|DurableObject\w*|SqlStorage|MessageBatch|ExecutionContext|KVNamespace|Queue|caches|Response|STATUS|Hono|c\.json)\b/g

function platformNamed(all: readonly Source[]): readonly string[] {
  return all
    .filter(({ path }) => roomOf(path) === 'engine' || roomOf(path) === 'primitives')
    .flatMap(({ path, text }) =>
      (withoutComments(text).match(PLATFORM_WORDS) ?? []).map((name) => `${path}: ${name}`),
    )
}

/** Rows written without naming their columns: with one column more, each of these throws. */
function columnless(all: readonly Source[]): readonly string[] {
  return all.flatMap(({ path, text }) =>
    [...text.matchAll(COLUMNLESS)].map(([, table]) => `${path}: ${table}`),
  )
}

/** An INSERT or REPLACE whose table, named or inserted, is not followed by a list. */
const COLUMNLESS =
  /\b(?:INSERT\s+(?:OR\s+\w+\s+)?|REPLACE\s+)INTO\s+(\$\{[^}]*\}|["`]?\w+\b["`]?)(?!["`]?\s*\()/gi

/** What `migrate` and a purge are made of: there is no step before them. */
const BEFORE_ALL_STEPS = ['schema_version', 'purged']

/** Tables that no numbered step of an object makes nor its first row, and tables of D1 that no migration makes. */
function tablesWithoutStep(
  all: readonly Source[],
  migrations: readonly string[],
): readonly string[] {
  const objects = all.filter(({ path }) => path.startsWith('platform/durable/'))
  const steps = objects.flatMap(({ text }) =>
    [...text.matchAll(/\bsteps\b(?:: | = )\[([\s\S]*?)\](?:,|\n|$)/gi)].map(([body]) => body),
  )
  const tables = objects.flatMap(({ text }) =>
    [...text.matchAll(/\btables: \[([\s\S]*?)\n\}/g)].map(([body]) => body),
  )
  const has = (lists: readonly string[], name: string) =>
    lists.some((list) => new RegExp(`\\b${name}\\b`).test(list))
  return all.flatMap(({ path, text }) => {
    const made = [...text.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?["`]?(\w+)/gi)]
    const ofObjects = made.flatMap(({ 1: table = '', index }) => {
      // The constant that the statement is the value of: nothing else is declared between.
      const [, constant] =
        /\bconst (\w+)[^\n]*=(?:(?!\n\n|\n\w)[\s\S])*$/.exec(text.slice(0, index)) ?? []
      const isOccasional = text.includes(`const ${constant}: OccasionalSchema = {`)
      const isMade = constant !== undefined && has(isOccasional ? tables : steps, constant)
      return BEFORE_ALL_STEPS.includes(table) || isMade ? [] : [`${path}: ${table}`]
    })
    const ofD1 = [...text.matchAll(/sqliteTable\(\s*'(\w+)'/g)].flatMap(([, table = '']) =>
      migrations.some((sql) => sql.includes(`CREATE TABLE \`${table}\``))
        ? []
        : [`${path}: ${table}`],
    )
    return [...ofObjects, ...ofD1]
  })
}

/** Ports that no counterpart is behind: what everything stands on. */
const FOOTING = ['clock', 'log', 'random', 'background', 'dialectRuntimes', 'settings', 'underWay']

/** The suite of each port, which its implementation in platform/ and the fake run. */
const SUITES: Readonly<Record<string, string>> = {
  tenants: 'tenantStoreContract',
  keys: 'keyStoreContract',
  templates: 'templateStoreContract',
  eventTypes: 'eventTypeStoreContract',
  webhooks: 'webhookStoreContract',
  deduplication: 'deduplicationStoreContract',
  deadLetters: 'deadLetterStoreContract',
  tenantJobs: 'tenantJobStoreContract',
  activity: 'activityStoreContract',
  audit: 'auditStoreContract',
  idempotency: 'idempotencyStoreContract',
  sessions: 'sessionStoreContract',
  portalLinks: 'portalLinkStoreContract',
  pullConsumers: 'pullConsumerStoreContract',
  notices: 'noticeStoreContract',
  mail: 'mailContract',
  events: 'eventQueueContract',
  deliveries: 'deliveryQueueContract',
  monitor: 'monitorContract',
  eventLog: 'eventLogContract',
  deploymentJobs: 'deploymentJobsContract',
  secrets: 'secretStoreContract',
  diagnostics: 'diagnosticsContract',
  send: 'sendContract',
  checkTarget: 'checkTargetContract',
  checkAddresses: 'checkAddressesContract',
  timer: 'timerContract',
  inSpan: 'tracingContract',
}

/** Ports without a suite that is run against the platform and against a fake. */
function portsWithoutSuite(all: readonly Source[], tests: readonly Source[]): readonly string[] {
  const runtime = all.find(({ path }) => path === 'engine/ports/runtime.ts')?.text ?? ''
  const [, members = ''] = /interface Ports \{([\s\S]*?)\n\}/.exec(runtime) ?? []
  const ports = [...members.matchAll(/readonly (\w+)\??:/g)].map(([, name = '']) => name)
  const calls = (folder: string, suite: string) =>
    tests.some(({ path, text }) => path.startsWith(folder) && text.includes(`${suite}(`))
  return ports.filter((port) => {
    if (FOOTING.includes(port)) return false
    const suite = SUITES[port] ?? port
    return !calls('test/platform/', suite) || !calls('test/fakes/', suite)
  })
}

const LOG_LINES = ['engine/ports/log-line.ts', 'engine/ports/log-line-rest.ts']

/** What the union of all log lines says, of whichever files. */
const logUnion = (all: readonly Source[]) =>
  all
    .filter(({ path }) => LOG_LINES.includes(path))
    .map(({ text }) => text)
    .join('\n')

/** What `union` says of each log event, as `event: field field`, in the order of their names. */
function loggedEvents(union: string): readonly string[] {
  const members = withoutComments(union).matchAll(/readonly event: '([\w.]+)'([^}]*)\}/g)
  return [...members]
    .map(([, event = '', body = '']) => toEntry(event, body, /readonly (\w+)\??:/g))
    .toSorted()
}

/** The same of a document: a table with a row for each event, or a sentence about one with a table of its fields. */
function documentedEvents(page: string): readonly string[] {
  const rows = page.matchAll(/^\| `event` .*\n\|[-| ]+\n((?:\|.*\n?)+)/gm)
  const ofRows = [...rows].flatMap(([, body = '']) =>
    [...body.matchAll(/^\| `([\w.]+)` +\|([^|]*)\|/gm)].map(([, event = '', fields = '']) =>
      toEntry(event, fields, /`(\w+)`/g),
    ),
  )
  const sentences = page.matchAll(/^`([\w.]+)`: .*\n\n\| field .*\n\|[-| ]+\n((?:\|.*\n?)+)/gm)
  const ofSentences = [...sentences].map(([, event = '', body = '']) => {
    const fields = body.replace(/^\|([^|]*)\|.*$/gm, '$1')
    return toEntry(event, fields, /`(\w+)`/g)
  })
  return [...ofRows, ...ofSentences].toSorted()
}

function toEntry(event: string, text: string, field: RegExp): string {
  const fields = [...text.matchAll(field)].map(([, name = '']) => name)
  return `${event}: ${fields.toSorted().join(' ')}`
}

/** Events of the union that nobody logs. */
function unlogged(all: readonly Source[]): readonly string[] {
  const written = all.filter(({ path }) => !LOG_LINES.includes(path)).map(({ text }) => text)
  const logged = written.flatMap((text) =>
    [...text.matchAll(/(?:\bevent: |logFailure\()'([\w.]+)'/g)].map(([, event]) => event),
  )
  const union = logUnion(all)
  return [...union.matchAll(/\bevent: '([\w.]+)'/g)]
    .map(([, event = '']) => event)
    .filter((event) => !logged.includes(event))
}

/** Lines that are written past the logger, and so past the union of all of them. */
function consoleCalls(all: readonly Source[]): readonly string[] {
  return all
    .filter(({ path }) => path !== 'platform/logger.ts')
    .flatMap(({ path, text }) =>
      (withoutComments(text).match(/\bconsole\s*(?:\.|\[|\?)/g) ?? []).map(() => path),
    )
}

/** Names that no other file imports: they need no `export`. */
function deadExports(all: readonly Source[], users: readonly string[]): readonly string[] {
  const imported = new Set([...all.map(({ text }) => text), ...users].flatMap(importedNames))
  return all.flatMap(({ path, text }) =>
    [...text.matchAll(DECLARATION)].flatMap(([, name = '']) =>
      imported.has(name) ? [] : [`${path}: ${name}`],
    ),
  )
}

/** What the lists in braces of a file's imports and re-exports name, and of what it imports later. */
function importedNames(text: string): readonly string[] {
  const lists = text.matchAll(/^(?:import|export)\b[^'"{}]*\{([^}]*)\}\s*from\b/gm)
  const later = text.matchAll(/\bconst \{([^}]*)\} = await import\(/g)
  return [...lists, ...later].flatMap(([, list = '']) =>
    list.split(',').map((name) =>
      name
        .trim()
        .replace(/^type /, '')
        .replace(/ as \w+$/, ''),
    ),
  )
}

const DECLARATION =
  /^export (?:abstract )?(?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm

/** The surface that a file is part of: the native one, or a vendor's. */
function surfaceOf(path: string): string | null {
  return vendorOf(path) ?? (roomOf(path) === 'api' ? 'api' : null)
}

/** Names that two files declare and export, so that one word is two things. Each surface has its own words for the same. */
function namedTwice(all: readonly Source[]): readonly string[] {
  const declared = all.flatMap(({ path, text }) =>
    [...text.matchAll(DECLARATION)].map(([, name = '']) => ({ name, path })),
  )
  return [...Map.groupBy(declared, ({ name }) => name)].flatMap(([name, group]) => {
    const paths = [...new Set(group.map(({ path }) => path))].toSorted()
    const surfaces = new Set(paths.map(surfaceOf))
    const isParallel = surfaces.size === paths.length && !surfaces.has(null)
    if (paths.length < 2 || isParallel) return []
    return [`${name}: ${paths.join(', ')}`]
  })
}

/** Lines and relative imports of a file at most. */
const MOST_LINES = 300
const MOST_IMPORTS = 12

/** Files whose one thought is to put all parts together, with their relative imports at most: none may join them. */
const COMPOSITIONS: Readonly<Record<string, number>> = {
  'compose.ts': 25,
  // Every operation, every page, and every noun.
  'api/operations.ts': 21,
  'console/pages/index.ts': 17,
  // A webhook is one of two kinds.
  'console/pages/webhook.tsx': 13,
  // Every part.
  'engine/api.ts': 22,
  'engine/create-engine.ts': 19,
  'engine/events.ts': 13,
  'engine/ports/runtime.ts': 17,
  'engine/model/index.ts': 26,
  'engine/ports/index.ts': 22,
  // Every store.
  'platform/d1/index.ts': 19,
  'platform/ports.ts': 22,
  'platform/durable/webhook-monitor/stores.ts': 22,
  'platform/durable/webhook-monitor/schema.ts': 13,
  'platform/durable/webhook-monitor/writes.ts': 16,
  // All that a report changes, and all that releases what waits.
  'engine/health/apply-report.ts': 14,
  'platform/durable/webhook-monitor/holds.ts': 14,
  'console/pages/webhooks.tsx': 13,
  // Every part of the form.
  'console/parts/webhook-form.tsx': 13,
  // All that its owner does with a webhook.
  'engine/configuration/webhooks.ts': 13,
  // Every field of a webhook.
  'api/schema/webhook.ts': 16,
  // Every table of an event log.
  'platform/durable/event-log/stores.ts': 20,
  // Everything that is read of outcomes.
  'platform/durable/event-log/outcome-store.ts': 13,
  'platform/durable/event-log/schema.ts': 18,
  // All that accepting events reads, and how it answers.
  'platform/durable/event-log/intake.ts': 13,
}

const isFoundation = (path: string) => FOUNDATIONS.includes(path)

/** Files that are more than a thought: longer, or made of more parts (foundations are none), than a file may be. */
function tooLarge(all: readonly Source[]): readonly string[] {
  return all.flatMap((file) => {
    const mostImports = COMPOSITIONS[file.path] ?? MOST_IMPORTS
    const lines = file.text.split('\n').length - 1
    const parts = importsOf(file).filter((name) => /\.tsx?$/.test(name))
    const imports = parts.filter((name) => !isFoundation(name)).length
    return [
      ...(lines > MOST_LINES ? [`${file.path}: ${lines} lines`] : []),
      ...(imports > mostImports ? [`${file.path}: ${imports} imports`] : []),
    ]
  })
}

const VENDORS = /svix|every.?point|crazy.?gold.?fish|infermedica|contract\.?fit|socotra/gi

/** Vendors named outside of the one room that knows them. */
function vendorsNamed(all: readonly Source[]): readonly string[] {
  return all
    .filter(({ path }) => roomOf(path) !== 'dialects')
    .flatMap(({ path, text }) => (text.match(VENDORS) ?? []).map((name) => `${path}: ${name}`))
}

/** What a file says to people: the comments of a source, one after the other, or a document without its links. */
function proseOf({ path, text }: Source): string {
  if (path.endsWith('.md')) return text.replace(/\[[^\]]*\]\(([^)#]*)[^)]*\)/g, '$1')
  const comments = text.match(/\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n?)+/gm) ?? []
  const prose = comments.map((comment) => comment.replace(/^[ \t]*(?:\/\/|\/?\*+\/?)/gm, ''))
  // Specifications of others, such as (github.com/cloudevents/spec, cloudevents/formats/json-format.md).
  return prose.join('\n').replace(/\(github\.com\/[^)]*\)/g, '')
}

/** A document, unless it is part of an address, and the headings of it that follow in quotes. */
const CITATION = /(?<![\w./:-])([\w./-]+\.md)((?:(?:,|,? and)\s+"[^"]+")*)/g

/** Documents and headings that are cited and are not there, a sentence for each. */
function unfounded(all: readonly Source[]): readonly string[] {
  return all.flatMap((file) =>
    [...proseOf(file).matchAll(CITATION)].flatMap(([, name = '', quoted = '']) => {
      const document = documents.get(resolve(file.path, name)) ?? documents.get(name)
      if (document === undefined) return [`${file.path}: ${name}`]
      const headings = new Set(
        [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.trim()),
      )
      return [...quoted.matchAll(/"([^"]+)"/g)]
        .map(([, heading = '']) => heading.replace(/\s+/g, ' '))
        .filter((heading) => !headings.has(heading))
        .map((heading) => `${file.path}: ${name}, "${heading}"`)
    }),
  )
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

  it('import in no circle', () => {
    expect(circles(files)).toEqual([])
  })

  it('load the SDK of the MCP server, and its tools, when they are first asked for', () => {
    const loaded = loadedAtStart(files)
    expect(loaded).toEqual(expect.arrayContaining(['mcp/index.ts', 'hono']))
    expect(loaded.filter((name) => LATER.test(name))).toEqual([])
    expect(files.flatMap(importsOf).filter((name) => LATER.test(name))).not.toEqual([])
  })

  it('name no platform inside the engine', () => {
    expect(platformNamed(files)).toEqual([])
  })

  it('name the columns of every row they write', () => {
    expect(columnless(files)).toEqual([])
  })

  it('make every table in a step or a migration', () => {
    expect(tablesWithoutStep(files, Object.values(migrations))).toEqual([])
    expect(
      files.flatMap(({ text }) => text.match(/CREATE TABLE|sqliteTable\(/g) ?? []),
    ).not.toEqual([])
  })

  it('have a suite for every port, which the platform and a fake run', () => {
    expect(portsWithoutSuite(files, tests)).toEqual([])
  })

  it('log nothing but what the operator finds in the documents, field by field', () => {
    const union = logUnion(files)
    expect(loggedEvents(union).length).toBe([...union.matchAll(/\bevent: /g)].length)
    expect(loggedEvents(union).length).toBeGreaterThan(30)
    expect(documentedEvents(documents.get('docs/operations.md') ?? '')).toEqual(loggedEvents(union))
    expect(unlogged(files)).toEqual([])
    expect(consoleCalls(files)).toEqual([])
  })

  it('are each one thought', () => {
    expect(tooLarge(files)).toEqual([])
  })

  it('export nothing that nobody else names', () => {
    expect(deadExports(files, Object.values(users))).toEqual([])
  })

  it('export each name once', () => {
    expect(namedTwice(files)).toEqual([])
  })

  it('name no vendor outside of the dialects', () => {
    expect(vendorsNamed(files)).toEqual([])
  })

  it('cite documents and headings that are there', () => {
    const pages = [...documents].map(([path, text]) => ({ path, text }))
    const code = Object.entries(citing).map(([name, text]) => ({
      path: belowRepository(name),
      text,
    }))
    expect(documents.has('docs/contracts/delivery.md')).toBe(true)
    const citations = code.flatMap((file) => [...proseOf(file).matchAll(CITATION)])
    expect(citations.length).toBeGreaterThan(90)
    expect(unfounded([...code, ...pages])).toEqual([])
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
    ['engine/delivery/x.ts', "import { Hono } from 'hono'"],
    ['engine/delivery/x.ts', "import { env } from 'cloudflare:workers'"],
    ['engine/model/x.ts', "import type { Ports } from '../ports/index.ts'"],
    ['engine/messages/x.ts', "import { later } from '../delivery/backoff.ts'"],
    ['engine/intake/x.ts', "import { seenBy } from '../visibility/seen-by.ts'"],
    ['engine/health/x.ts', "import { createEngine } from '../create-engine.ts'"],
    ['primitives/x.ts', "import type { Event } from '../engine/model/index.ts'"],
    ['primitives/x.ts', "import { eq } from 'drizzle-orm'"],
    ['platform/x.ts', "import { route } from '../engine/delivery/events-consumer.ts'"],
    ['errors.ts', "import { newId } from './primitives/ids.ts'"],
    ['engine/x.ts', "import type { Env } from '../platform/env.ts'"],
    ['engine/x.ts', "import { send } from '../http/body.ts'"],
    ['engine/x.ts', "export * from '../compose.ts'"],
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
    ['dialects/socotra/x.ts', "import { log } from '../../platform/logger.ts'"],
    ['api/x.ts', "import { Server } from '@modelcontextprotocol/server'"],
    ['mcp/x.ts', "import { createPages } from '../console/create-pages.ts'"],
    ['mcp/x.ts', "import { createPorts } from '../platform/ports.ts'"],
    ['compose.ts', "import { sql } from 'drizzle-orm'"],
    ['limits.ts', "import type { Event } from './engine/model/index.ts'"],
    ['utilities.ts', "import { VERSION } from './version.ts'"],
  ])('in %s: %s', (path, text) => {
    expect(violations([{ path, text }])).toHaveLength(1)
  })

  it.each([
    ['engine/x.ts', "import { z } from 'zod'\nimport { PAGE } from '../limits.ts'"],
    ['engine/x.ts', "// import { Hono } from 'hono'\n/* from 'hono' */"],
    [
      'platform/x.ts',
      "import { eq } from 'drizzle-orm'\nimport { newId } from '../primitives/ids.ts'",
    ],
    ['dialects/socotra/x.ts', "import { wire } from './wire.ts'\nimport '../dialect.ts'"],
    ['worker.ts', "import { WorkerEntrypoint } from 'cloudflare:workers'"],
  ])('and nothing else: %s: %s', (path, text) => {
    expect(violations([{ path, text }])).toEqual([])
  })

  it('what is loaded too early among them', () => {
    const entry = { path: 'worker.ts', text: "import { app } from './compose.ts'" }
    const later = { path: 'compose.ts', text: "const { x } = await import('./mcp/tools/x.ts')" }
    const early = { path: 'compose.ts', text: "import { x } from './mcp/tools/x.ts'" }
    expect(loadedAtStart([entry, later]).filter((name) => LATER.test(name))).toEqual([])
    expect(loadedAtStart([entry, early]).filter((name) => LATER.test(name))).toHaveLength(1)
  })

  it('a circle among them', () => {
    const circle = [
      { path: 'engine/a.ts', text: "import { b } from './b.ts'" },
      { path: 'engine/b.ts', text: "export type { C } from './c.ts'" },
      { path: 'engine/c.ts', text: "import type { A } from './a.ts'" },
    ]
    expect(circles(circle)).toEqual(['engine/a.ts > engine/b.ts > engine/c.ts > engine/a.ts'])
    expect(circles(circle.slice(1))).toEqual([])
  })

  it('the platform’s name in the engine among them', () => {
    const text = '// DurableObject\nconst stub: DurableObjectStub = open()'
    expect(platformNamed([{ path: 'engine/x.ts', text }])).toHaveLength(1)
    expect(platformNamed([{ path: 'platform/x.ts', text }])).toEqual([])
  })

  it('a row without columns among them', () => {
    const text =
      "sql.exec('INSERT OR REPLACE INTO jobs VALUES (?)'), 'INSERT INTO jobs (id) VALUES (?)'"
    expect(columnless([{ path: 'platform/x.ts', text }])).toEqual(['platform/x.ts: jobs'])
    const others = `replace into jobs SELECT 1; INSERT INTO \${table} VALUES (?); INSERT INTO "a" DEFAULT VALUES`
    expect(columnless([{ path: 'x.ts', text: others }])).toHaveLength(3)
  })

  it('a table that nothing makes among them', () => {
    const path = 'platform/durable/x.ts'
    const made = "export const X_TABLE = 'CREATE TABLE x (id TEXT)'\n"
    const step = { path: 'platform/durable/schema.ts', text: 'const STEPS = [X_TABLE]\n' }
    expect(tablesWithoutStep([{ path, text: made }], [])).toEqual([`${path}: x`])
    expect(tablesWithoutStep([{ path, text: made }, step], [])).toEqual([])
    const occasional =
      "export const X: OccasionalSchema = {\n  occasional: 'CREATE TABLE x (id TEXT)',\n}\n"
    expect(tablesWithoutStep([{ path, text: occasional }, step], [])).toEqual([`${path}: x`])
    const listed = { path: 'platform/durable/schema.ts', text: 'tables: [X],\n}' }
    expect(tablesWithoutStep([{ path, text: occasional }, listed], [])).toEqual([])
    const inMethod =
      "class X {\n  open() {\n    this.sql.exec('create table `y` (id TEXT)')\n  }\n}\n"
    for (const text of [inMethod, `${made}\n${inMethod}`]) {
      expect(tablesWithoutStep([{ path, text }, step], [])).toEqual([`${path}: y`])
    }
    const schema = { path: 'platform/d1/schema.ts', text: "sqliteTable('y', {})" }
    expect(tablesWithoutStep([schema], ['CREATE TABLE `x` ();'])).toEqual([`${schema.path}: y`])
    expect(tablesWithoutStep([schema], ['CREATE TABLE `y` ();'])).toEqual([])
  })

  it('a port without a suite among them', () => {
    const text = 'export interface Ports {\n  readonly clock: Clock\n  readonly pager?: Pager\n}'
    const ports = [{ path: 'engine/ports/runtime.ts', text }]
    const both = ['test/platform/x.test.ts', 'test/fakes/x.test.ts']
    const run = both.map((path) => ({ path, text: 'pager(make)' }))
    expect(portsWithoutSuite(ports, run)).toEqual([])
    expect(portsWithoutSuite(ports, run.slice(1))).toEqual(['pager'])
  })

  it('a log line that is documented otherwise among them', () => {
    const union = [
      "type LogLine =\n  /** One. */\n  | { readonly event: 'b.c'; readonly id: string }",
      "  | {\n      readonly event: 'a'\n      readonly at: number\n      readonly id?: string\n    }",
    ].join('\n')
    const table = '| `event` | fields |\n| ------- | ------ |\n| `b.c`   | `id`   |\n'
    const page = (field: string) =>
      `${table}\n\`a\`: it was.\n\n| field | meaning |\n| ----- | ------- |\n| ${field} | both \`x\` |\n`
    expect(documentedEvents(page('`id`, `at`'))).toEqual(loggedEvents(union))
    expect(loggedEvents(union)).toEqual(['a: at id', 'b.c: id'])
    expect(documentedEvents(page('`id`'))).toEqual(['a: id', 'b.c: id'])
    expect(documentedEvents(table)).toEqual(['b.c: id'])
  })

  it('a log line that nobody writes among them', () => {
    const union = { path: 'engine/ports/log-line.ts', text: "event: 'a.b' } | { event: 'c'" }
    const writer = { path: 'http/x.ts', text: "log({ event: 'c' })" }
    expect(unlogged([union, writer])).toEqual(['a.b'])
  })

  it('a line that is not logged by the logger among them', () => {
    const text = '// console.log\nconsole.error(1)'
    expect(consoleCalls([{ path: 'http/x.ts', text }])).toEqual(['http/x.ts'])
    expect(consoleCalls([{ path: 'platform/logger.ts', text }])).toEqual([])
  })

  it('a file of too much among them', () => {
    const long = { path: 'engine/x.ts', text: 'const x = 1\n'.repeat(301) }
    const imports = Array.from({ length: 13 }, (_, n) => `import { x${n} } from './x${n}.ts'`)
    const wide = { path: 'http/x.ts', text: imports.join('\n') }
    expect(tooLarge([long, wide])).toEqual(['engine/x.ts: 301 lines', 'http/x.ts: 13 imports'])
    const composition = { path: 'compose.ts', text: imports.join('\n') }
    expect(tooLarge([composition])).toEqual([])
  })

  it('an export of no use among them', () => {
    const made = { path: 'engine/x.ts', text: 'export const MADE = 1\nexport type Said = 2' }
    const users = ['import { type Other, MADE as ours } from "x"\nconst Said = 3']
    expect(deadExports([made], users)).toEqual(['engine/x.ts: Said'])
    const later = ["const { MADE, Said } = await import('x')"]
    expect(deadExports([made], later)).toEqual([])
  })

  it('a name of two things among them', () => {
    const text = 'export interface Made {\n}\nexport function* make() {}'
    const inEngine = { path: 'engine/x.ts', text }
    const vendors = ['a', 'b'].map((vendor) => ({ path: `dialects/${vendor}/x.ts`, text }))
    expect(namedTwice([inEngine, { ...inEngine, path: 'http/y.ts' }])).toEqual([
      'Made: engine/x.ts, http/y.ts',
      'make: engine/x.ts, http/y.ts',
    ])
    expect(namedTwice([inEngine, ...vendors])).toHaveLength(2)
    expect(namedTwice([...vendors, { path: 'dialects/a/y.ts', text }])).toHaveLength(2)
    expect(namedTwice(vendors)).toEqual([])
    const again = { path: 'engine/index.ts', text: "export { make } from './x.ts'" }
    expect(namedTwice([inEngine, again])).toEqual([])
    // A type and its schema stand together.
    expect(namedTwice([{ ...inEngine, text: `${text}\nexport const Made = 1` }])).toEqual([])
  })

  it.each([
    ['// How it was planned (design.md).', 'design.md'],
    ['// docs/contracts/delivery.md, "Guarantee"', 'docs/contracts/delivery.md, "Guarantee"'],
    [
      '/**\n * As docs/contracts/delivery.md has it, "Guarantees" (docs/contracts/native.md, "Jobs" and\n * "Chores").\n */',
      'docs/contracts/native.md, "Chores"',
    ],
  ])('a citation of nothing among them: %s', (text, found) => {
    expect(unfounded([{ path: 'src/engine/x.ts', text }])).toEqual([`src/engine/x.ts: ${found}`])
  })

  it('and no citation of something', () => {
    const text = [
      '// docs/contracts/delivery.md, "Retries", "What counts as',
      '// delivered" and "Guarantees"; SECURITY.md, https://example.com/x.md, and',
      '// (github.com/cloudevents/spec, cloudevents/formats/json-format.md).',
      "const name = 'nothing.md'",
    ]
    expect(unfounded([{ path: 'src/engine/x.ts', text: text.join('\n') }])).toEqual([])
    const page = 'See [delivery](delivery.md), "Giving up", and [README](../../README.md#jobs).'
    expect(unfounded([{ path: 'docs/contracts/x.md', text: page }])).toEqual([])
  })

  it('a vendor’s name among them', () => {
    const text = "const url = 'https://api.everypoint.io'"
    expect(vendorsNamed([{ path: 'platform/x.ts', text }])).toHaveLength(1)
    expect(vendorsNamed([{ path: 'api/x.ts', text }])).toHaveLength(1)
    expect(vendorsNamed([{ path: 'limits.ts', text }])).toHaveLength(1)
    expect(vendorsNamed([{ path: 'dialects/everypoint/x.ts', text }])).toEqual([])
  })
})

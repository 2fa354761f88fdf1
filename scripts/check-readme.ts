// `npm run readme`: does what the documents tell a stranger to do. Runs each walk as printed, one after the other against one service that
// was fresh before the first, or one of its own, and compares what they print; with names of documents, those alone. Checks that every `npm run` is a script of package.json. test/documents.test.ts follows the links.

import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type DevServer, startDevServer, WITH_EXAMPLES } from './dev-server.ts'
import { findFreePort, isFree } from './free-port.ts'
import { startGroup } from './processes.ts'

/** The documents with a walk: the headings of the sections that make it up, in order, run in one shell. */
const WALKS: ReadonlyMap<string, readonly string[]> = new Map([
  ['README.md', ['A walk with curl', 'How a receiver verifies']],
  ['docs/moving-in.md', ['Try it']],
  ['docs/batching.md', ['Try it']],
  ['docs/cli.md', ['Try it']],
  ['docs/expressions.md', ['Try it', 'Preview', 'Headers, path and query']],
  ['docs/event-types.md', ['Try it']],
  ['docs/pausing.md', ['Try it']],
  ['docs/pace.md', ['Try it']],
  ['docs/publishing.md', ['From TypeScript']],
  ['docs/pulling.md', ['Try it']],
  ['docs/receiving.md', ['Try it']],
  ['docs/ordering.md', ['Try it']],
  ['docs/scheduling.md', ['Try it']],
  ['docs/signatures.md', ['Try it']],
  ['docs/verification.md', ['Try it']],
  ['docs/cloudevents.md', ['Try it']],
  ['docs/as-code.md', ['Try it']],
  ['docs/mcp.md', ['Try it']],
])
/** Ports that walks name: Hookline's, and those of receivers and of a server to move from. */
const OWN_PORT = 8787
const OTHER_PORTS = [4000, 4001, 8071] as const
const TIMEOUT_MS = 600_000
/** Their walks are about a whole deployment, its tenants and its event types: each has one of its own. */
const OWN_SERVICE: readonly string[] = [
  'docs/moving-in.md',
  'docs/event-types.md',
  'docs/as-code.md',
]

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort.abort())
const timeout = setTimeout(() => abort.abort(new Error('The walks took too long.')), TIMEOUT_MS)

const flaws: string[] = []
const asked = process.argv.slice(2)
const paths = asked.length > 0 ? asked : globSync(['*.md', 'docs/**/*.md']).toSorted()
const shared = await startService()
for (const path of paths) {
  const text = await readFile(path, 'utf8')
  const headings = WALKS.get(path) ?? []
  const service = OWN_SERVICE.includes(path) ? await startService() : shared
  const found = [...(await findUnknownScripts(text)), ...(await walk(headings, text, service))]
  if (service !== shared) await service.stop()
  flaws.push(...found.map((flaw) => `${path}: ${flaw}`))
}
await shared.stop()
clearTimeout(timeout)
for (const flaw of flaws) console.error(`✗ ${flaw}`)
if (flaws.length === 0)
  console.log(
    `✓ The walks in ${[...WALKS.keys()].filter((path) => paths.includes(path)).join(' and ')} work as printed.`,
  )
process.exitCode = flaws.length === 0 ? 0 : 1

/** Commands that package.json does not have. */
async function findUnknownScripts(text: string): Promise<readonly string[]> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'))
  return [...text.matchAll(/npm run ([a-z]+(?::[a-z]+)*)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !(name in scripts))
    .map((name) => `npm run ${name} is not a script in package.json`)
}

/** Runs the walk of a document; returns what it should have printed and did not. */
async function walk(
  headings: readonly string[],
  text: string,
  service: Service,
): Promise<readonly string[]> {
  if (headings.length === 0) return []
  const sections = headings.map((heading) => sectionOf(text, heading))
  const missing = headings.filter((_, index) => sections[index] === undefined)
  if (missing.length > 0) return missing.map((heading) => `There is no section "${heading}".`)
  const section = sections.join('\n')
  const commands = blocks(section, 'sh')
  const expected = blocks(section, 'text').flatMap((block) => block.trim().split('\n'))
  if (commands.length === 0 || expected.length === 0) return ['The walk has no commands.']
  const ports = await choosePorts(service.port)
  const script = withPorts(commands.join('\n'), ports)
  const printed = await runWalk({ script, files: filesOf(section, ports) }, service)
  return expected
    .filter((line) => !printed.some((other) => toPattern(line).test(other)))
    .map((line) => `The walk did not print\n  ${line}\nbut printed\n  ${printed.join('\n  ')}`)
}

interface Walk {
  readonly script: string
  /** What the reader saves, by name. */
  readonly files: ReadonlyMap<string, string>
}

interface Service extends Pick<DevServer, 'tail' | 'stop'> {
  readonly port: number
}

/** A fresh one, in a folder of its own. */
async function startService(): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'hookline-walks-'))
  const port = (await isFree(OWN_PORT)) ? OWN_PORT : await findFreePort()
  const flags = ['--port', String(port), '--persist-to', folder, ...WITH_EXAMPLES]
  const server = await startDevServer({ flags }, abort.signal)
  return {
    port,
    tail: server.tail,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function runWalk(
  { script, files }: Walk,
  { tail }: Pick<Service, 'tail'>,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hookline-walk-'))
  const printed: string[] = []
  try {
    for (const [name, text] of files) await writeFile(join(folder, name), text)
    // Instead of the reader's `npm install`: what the files import is here already.
    await symlink(resolve('node_modules'), join(folder, 'node_modules'))
    // A walk that saves no files runs what the repository has.
    const cwd = files.size > 0 ? folder : resolve('.')
    const shell = startGroup(['bash', '-euo', 'pipefail', '-c', script], {
      cwd,
      onLine: (line) => printed.push(...splitAnswers(line)),
    })
    abort.signal.addEventListener('abort', shell.stop)
    const code = await shell.ended
    if (code !== 0) printed.push(`(ended with ${code})`, ...tail)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return printed
}

/** For each printed port the same one, or a free one where something else has it; for Hookline's that of the service. */
async function choosePorts(own: number): Promise<ReadonlyMap<number, number>> {
  const ports = new Map<number, number>([[OWN_PORT, own]])
  for (const port of OTHER_PORTS) {
    ports.set(port, (await isFree(port)) ? port : await findFreePort())
  }
  return ports
}

function withPorts(text: string, ports: ReadonlyMap<number, number>): string {
  return [...ports].reduce(
    (all, [printed, port]) =>
      all
        .replaceAll(`localhost:${printed}`, `localhost:${port}`)
        .replaceAll(`listen(${printed})`, `listen(${port})`)
        .replaceAll(`PORT=${printed} `, `PORT=${port} `),
    text,
  )
}

/** The part of a document below a heading of the second level. */
function sectionOf(text: string, heading: string): string | undefined {
  return text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0]
}

/** JavaScript whose first line is a comment with the name that it is saved under. */
function filesOf(section: string, ports: ReadonlyMap<number, number>): ReadonlyMap<string, string> {
  return new Map(
    blocks(section, 'js').flatMap((block) => {
      const [, name] = /^\/\/ (\S+)\n/.exec(block) ?? []
      return name === undefined ? [] : [[name, withPorts(block, ports)]]
    }),
  )
}

/** curl ends an answer without a line break, so that what comes next follows on the same line. */
function splitAnswers(line: string): readonly string[] {
  return line.split(/(?<="duplicate":false\}\]\}|"nextCursor":null\})(?=.)/)
}

function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
    .filter(([, name]) => name === language)
    .map(([, , block = '']) => block)
}

/** A printed line as a pattern: `…` stands for anything. */
function toPattern(line: string): RegExp {
  const parts = line.split('…').map((part) => RegExp.escape(part))
  return new RegExp(`^${parts.join('.*')}$`)
}

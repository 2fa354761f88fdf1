// `npm run readme`: does what README.md tells a stranger to do. Runs the walk with curl as printed against a fresh service
// and compares what it answers; checks that commands and links lead somewhere.

import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevServer, WITH_EXAMPLES } from './dev-server.ts'
import { findFreePort, isFree } from './free-port.ts'
import { startGroup } from './processes.ts'

const WALK = '## A walk with curl'
/** Ports that the walk names: Hookline's and the receiver's. */
const PRINTED_PORTS = [8787, 4000] as const
const TIMEOUT_MS = 120_000

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort.abort())
const timeout = setTimeout(() => abort.abort(new Error('The walk took too long.')), TIMEOUT_MS)

const readme = await readFile('README.md', 'utf8')
const flaws = [
  ...(await findDeadLinks(readme)),
  ...(await findUnknownScripts(readme)),
  ...(await walk(readme)),
]
clearTimeout(timeout)
for (const flaw of flaws) console.error(`✗ ${flaw}`)
if (flaws.length === 0) console.log('✓ The walk in README.md works as printed.')
process.exitCode = flaws.length === 0 ? 0 : 1

/** Relative links to files that are not there. */
async function findDeadLinks(text: string): Promise<readonly string[]> {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link)
  const dead = await Promise.all(
    links.map((link) =>
      access(link).then(
        () => [],
        () => [`${link} is linked but does not exist`],
      ),
    ),
  )
  return dead.flat()
}

/** Commands that package.json does not have. */
async function findUnknownScripts(text: string): Promise<readonly string[]> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'))
  return [...text.matchAll(/npm run ([a-z]+(?::[a-z]+)*)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !(name in scripts))
    .map((name) => `npm run ${name} is not a script in package.json`)
}

/** Runs the walk; returns what it should have printed and did not. */
async function walk(text: string): Promise<readonly string[]> {
  const section = text.split(WALK)[1]?.split('\n## ')[0] ?? ''
  const commands = blocks(section, 'sh')
  const expected = blocks(section, 'text').flatMap((block) => block.trim().split('\n'))
  if (commands.length === 0 || expected.length === 0) return [`No walk found below ${WALK}`]
  const [port, receiverPort] = await choosePorts()
  const script = commands
    .join('\n')
    .replaceAll(`localhost:${PRINTED_PORTS[0]}`, `localhost:${port}`)
    .replaceAll(`localhost:${PRINTED_PORTS[1]}`, `localhost:${receiverPort}`)
    .replaceAll(`listen(${PRINTED_PORTS[1]})`, `listen(${receiverPort})`)
  const printed = await runWalk(script, port)
  return expected
    .filter((line) => !printed.some((other) => toPattern(line).test(other)))
    .map((line) => `The walk did not print\n  ${line}\nbut printed\n  ${printed.join('\n  ')}`)
}

async function runWalk(script: string, port: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hookline-walk-'))
  const flags = ['--port', String(port), '--persist-to', folder, ...WITH_EXAMPLES]
  const printed: string[] = []
  try {
    const server = await startDevServer({ flags }, abort.signal)
    const shell = startGroup(['bash', '-euo', 'pipefail', '-c', script], {
      cwd: folder,
      onLine: (line) => printed.push(...splitAnswers(line)),
    })
    abort.signal.addEventListener('abort', shell.stop)
    const code = await shell.ended
    if (code !== 0) printed.push(`(ended with ${code})`, ...server.tail)
    await server.stop()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return printed
}

/** The ports that are printed, or free ones where something else has them. */
function choosePorts(): Promise<readonly [number, number]> {
  const [own, receiver] = PRINTED_PORTS
  const choose = async (port: number) => ((await isFree(port)) ? port : findFreePort())
  return Promise.all([choose(own), choose(receiver)])
}

/** curl ends an answer without a line break, so the receiver's line can follow on the same one. */
function splitAnswers(line: string): readonly string[] {
  return line.split(/(?<=^\{"events":.*?\]\})(?=.)/)
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

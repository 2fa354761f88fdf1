// Hookline in the local runtime: migrates the local D1, starts `wrangler dev`, and says when it answers. Needs no account.

import { fileURLToPath } from 'node:url'
import { flagOf } from './flags.ts'
import { type Group, startGroup } from './processes.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const WRANGLER = [process.execPath, `${ROOT}node_modules/wrangler/bin/wrangler.js`]

/** Lines of output kept for when something goes wrong. */
const TAIL_LINES = 60

/** Nothing is asked, sent or looked up elsewhere. */
const ENVIRONMENT = {
  CI: '1',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  FORCE_COLOR: '0',
}

/** Flags for a service on this machine that has the examples as its secrets, whatever .dev.vars says. */
export const WITH_EXAMPLES = [
  ...['--env-file', '.dev.vars.example'],
  ...['--var', 'ALLOW_PRIVATE_TARGETS:true'],
] as const

export interface DevServerOptions {
  /** Flags of `wrangler dev`; what is missing gets its default here. */
  readonly flags: readonly string[]
  /** What serves, when it is not `wrangler dev`; takes the same flags. */
  readonly command?: readonly string[]
  /** False for a Worker without a database to migrate. */
  readonly migrated?: boolean
  /** Called with every line of output once the service answers. */
  readonly onLine?: (line: string) => void
  readonly environment?: Readonly<Record<string, string>>
}

export interface DevServer {
  readonly url: string
  /** Process group of everything that serves. */
  readonly pid: number | undefined
  /** The last lines of its output. */
  readonly tail: readonly string[]
  /** Resolves when it ends, whoever ended it. */
  readonly ended: Promise<number | null>
  stop(): Promise<void>
}

/** Ends what it started when `signal` aborts. Rejects, with the output, when the service does not come up. */
export async function startDevServer(
  {
    flags,
    command = [...WRANGLER, 'dev'],
    migrated = true,
    onLine = () => {},
    environment = {},
  }: DevServerOptions,
  signal: AbortSignal,
): Promise<DevServer> {
  const env = { ...process.env, ...ENVIRONMENT, ...environment }
  if (migrated) await migrate(flags, env, signal)
  const tail: string[] = []
  const { promise: ready, resolve: resolveReady } = Promise.withResolvers<string>()
  let isReady = false
  const hear = (line: string) => {
    // Wrangler's line per request; Hookline writes a better one.
    if (isReady && line.startsWith('[wrangler:info]')) return
    tail.push(line)
    if (tail.length > TAIL_LINES) tail.shift()
    if (isReady) return onLine(line)
    const [, url] = /Ready on (https?:\S+)/.exec(line) ?? []
    if (url === undefined) return
    isReady = true
    resolveReady(url)
  }
  const whole = [...command, ...flags, ...defaultFlags(flags)]
  const group = startGroup(whole, { cwd: ROOT, env, onLine: hear })
  const url = await Promise.race([ready, group.ended.then(() => null), stopped(group, signal)])
  if (url === null) throw new Error(`Hookline did not start:\n${tail.join('\n')}`)
  return { url, pid: group.pid, tail, ended: group.ended, stop: group.stop }
}

/** Applies the migrations to the local D1 of the state folder that the flags name. */
async function migrate(
  flags: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const output: string[] = []
  const same = ['--persist-to', '--config', '-c', '--env', '-e'].flatMap((name) =>
    flagOf(flags, name),
  )
  const command = [...WRANGLER, 'd1', 'migrations', 'apply', 'DB', '--local', ...same]
  const group = startGroup(command, { cwd: ROOT, env, onLine: (line) => output.push(line) })
  const code = await Promise.race([group.ended, stopped(group, signal)])
  if (code !== 0) throw new Error(`The migrations could not be applied:\n${output.join('\n')}`)
}

function defaultFlags(flags: readonly string[]): string[] {
  const defaults = {
    '--port': '8787',
    // Any free one, so that several can run side by side.
    '--inspector-port': '0',
    '--show-interactive-dev-session': 'false',
  }
  return Object.entries(defaults)
    .filter(([name]) => flagOf(flags, name).length === 0)
    .map(([name, value]) => `${name}=${value}`)
}

/** Rejects once `signal` aborts and the group has ended. */
async function stopped(group: Group, signal: AbortSignal): Promise<never> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }
  await group.stop()
  throw signal.reason
}

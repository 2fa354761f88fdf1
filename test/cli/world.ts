// A deployment in the local runtime, and the CLI as its users start it: in a pipe, and on a terminal.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type DevServer, startDevServer, WITH_EXAMPLES } from '../../scripts/dev-server.ts'
import { findFreePort } from '../../scripts/free-port.ts'

const BIN = fileURLToPath(new URL('../../cli/bin.js', import.meta.url))
const ADMIN_TOKEN = 'dev-admin-token'

export class Deployment {
  readonly url: string
  private readonly folder: string
  private readonly port: number
  private readonly abort = new AbortController()
  private server: DevServer | null = null

  private constructor(folder: string, port: number) {
    this.folder = folder
    this.port = port
    this.url = `http://localhost:${port}`
  }

  static async start(): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), 'hookline-cli-'))
    const deployment = new Deployment(folder, await findFreePort())
    await deployment.restart()
    return deployment
  }

  /** Starts it on what it left. */
  async restart(): Promise<void> {
    const flags = ['--port', String(this.port), '--persist-to', join(this.folder, 'state')]
    const environment = { WRANGLER_REGISTRY_PATH: join(this.folder, 'registry') }
    this.server = await startDevServer(
      { flags: [...flags, ...WITH_EXAMPLES], environment },
      this.abort.signal,
    )
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    const pid = this.server?.pid
    if (pid === undefined) throw new Error('The runtime has no process.')
    process.kill(-pid, 'SIGKILL')
    await this.server?.ended
  }

  async stop(): Promise<void> {
    await this.server?.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  async call<T extends z.ZodType>(
    shape: T,
    [token, method, path, body]: readonly [string, string, string, unknown?],
  ): Promise<z.output<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`)
    return shape.parse(text === '' ? null : JSON.parse(text))
  }

  admin<T extends z.ZodType>(shape: T, method: string, path: string, body?: unknown) {
    return this.call(shape, [ADMIN_TOKEN, method, path, body])
  }

  /** A tenant of its own, and a key of it. */
  async newTenant(): Promise<{ readonly id: string; readonly token: string }> {
    const { id } = await this.admin(z.object({ id: z.string() }), 'POST', '/v1/tenants', {
      name: 'Acme',
    })
    const path = `/v1/tenants/${id}/keys`
    const { token } = await this.admin(z.object({ token: z.string() }), 'POST', path, {})
    return { id, token }
  }
}

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Terminal {
  /** Whose configuration it has. */
  readonly config: string
  readonly variables?: Readonly<Record<string, string>>
}

function environment({ config, variables }: Terminal): NodeJS.ProcessEnv {
  // Nothing of whoever runs the tests.
  const { PATH, HOME } = process.env
  return { PATH, HOME, TERM: 'xterm', XDG_CONFIG_HOME: config, ...variables }
}

/** The CLI in a pipe, as a process that goes on. */
export function start(args: readonly string[], terminal: Terminal) {
  return spawn(process.execPath, [BIN, ...args], { env: environment(terminal) })
}

/** The same until it ends; `input` is its standard input. */
export async function run(args: readonly string[], terminal: Terminal, input = ''): Promise<Ran> {
  const child = start(args, terminal)
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: typeof code === 'number' ? code : null, stdout, stderr }
}

/** The CLI on a pseudo-terminal, which `script` of util-linux makes. */
export function startOnTerminal(args: readonly string[], terminal: Terminal) {
  const quoted = [process.execPath, BIN, ...args].map((arg) => `'${arg}'`).join(' ')
  return spawn('script', ['-qec', quoted, '/dev/null'], { env: environment(terminal) })
}

/** A shell on a pseudo-terminal that reads commands from it, and what starts the CLI there. */
export function startShell(args: readonly string[], terminal: Terminal) {
  const shell = spawn('script', ['-qec', 'bash --norc -i', '/dev/null'], {
    env: environment(terminal),
  })
  return { shell, command: [process.execPath, BIN, ...args].map((arg) => `'${arg}'`).join(' ') }
}

export async function runOnTerminal(args: readonly string[], terminal: Terminal): Promise<Ran> {
  const child = startOnTerminal(args, terminal)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: typeof code === 'number' ? code : null, stdout, stderr }
}

/** Until something holds, for which somebody else is at work; rejects after `ms`. */
export async function until(holds: () => boolean, what: string, ms = 60_000): Promise<void> {
  const endsAt = Date.now() + ms
  while (!holds()) {
    if (Date.now() > endsAt) throw new Error(`Not within ${ms / 1_000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

// Hookline in memory behind Svix's surface, as many as a test wants: the servers that a move reads and writes.

import { env } from 'cloudflare:workers'
import { Svix } from 'svix'
import { runImport } from '../../../scripts/import/command.ts'
import { createApp, createDialectRuntimes } from '../../../src/compose.ts'
import type { Permission } from '../../../src/engine/model/index.ts'
import type { SurfaceBindings } from '../../../src/http/surface.ts'
import { readPortalSettings } from '../../../src/platform/portal-settings.ts'
import { Bench } from '../../fixtures/bench.ts'

export interface Server {
  readonly url: string
  readonly token: string
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
}

export interface MemoryDeployment extends Server {
  /** Where its requests to receivers are. */
  readonly bench: Bench
  /** The official SDK, asking it. */
  readonly svix: Svix
  /** The token of another operator key, with these permissions or all. */
  readonly tokenWith: (permissions?: readonly Permission[]) => Promise<string>
}

const app = createApp()

/** A deployment with an operator key that has all permissions. */
export async function openDeployment(url: string): Promise<MemoryDeployment> {
  const bench = await Bench.open({ dialectRuntimes: createDialectRuntimes() })
  const { engine, ports } = bench
  await engine.administration.deleteTenant(bench.tenantId)
  const bindings: SurfaceBindings = {
    ...{ engine, log: ports.log, checkTarget: ports.checkTarget },
    adminToken: env.ADMIN_TOKEN,
    exampleSecret: null,
    isPrivateTarget: () => false,
    withinRate: null,
    allowedOrigins: new Set(),
    ...readPortalSettings({}),
    privateTargetsAllowed: true,
  }
  const fetch: Server['fetch'] = async (to, init) => app.fetch(new Request(to, init), bindings)
  const tokenWith: MemoryDeployment['tokenWith'] = async (permissions) => {
    const made = await fetch(`${url}/v1/operator-keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.ADMIN_TOKEN}` },
      body: JSON.stringify({ permissions }),
    })
    const { token }: { token: string } = JSON.parse(await made.text())
    return token
  }
  const token = await tokenWith()
  const ask = (input: RequestInfo | URL, init?: RequestInit) =>
    fetch(String(input instanceof Request ? input.url : input), init ?? {})
  const svix = new Svix(token, { serverUrl: url, fetch: ask, numRetries: 0 })
  return { url, token, fetch, bench, svix, tokenWith }
}

export interface Ran {
  readonly code: number
  /** The report: text, or what JSON was parsed to. */
  readonly text: string
  readonly told: readonly string[]
  /** Calls that change something, as `METHOD path`, in order. */
  readonly writes: readonly string[]
  /** All calls. */
  readonly calls: number
  /** Milliseconds that were waited for between calls. */
  readonly waits: readonly number[]
}

/** Does something in place of a call, or after it; undefined: nothing. */
export type Mishap = (call: number, make: () => Promise<Response>) => Promise<Response> | undefined

/** Runs the command from one server to the other, as `npm run import` does. */
export async function runBetween(
  source: Server,
  target: Server,
  args: readonly string[] = [],
  mishap: Mishap = () => undefined,
): Promise<Ran> {
  const ran = {
    told: [] as string[],
    writes: [] as string[],
    waits: [] as number[],
    texts: [] as string[],
  }
  let calls = 0
  const code = await runImport(['svix', '--server', source.url, '--to', target.url, ...args], {
    environment: { SVIX_TOKEN: source.token, HOOKLINE_TOKEN: target.token },
    fetch: async (url, init) => {
      const server = url.startsWith(`${source.url}/`) ? source : target
      const call = calls
      calls += 1
      const make = () => server.fetch(url, init)
      const { method = 'GET' } = init
      if (method !== 'GET') ran.writes.push(`${method} ${new URL(url).pathname}`)
      return mishap(call, make) ?? make()
    },
    sleep: async (ms) => void ran.waits.push(ms),
    print: (text) => ran.texts.push(text),
    tell: (line) => ran.told.push(line),
  })
  return { code, text: ran.texts.join('\n'), ...ran, calls }
}

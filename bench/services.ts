// The services of a benchmark in the local runtime: Hookline and the Workers beside it, as they are or under the
// meter.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DevServer, startDevServer, WITH_EXAMPLES } from '../scripts/dev-server.ts'
import { findFreePort } from '../scripts/free-port.ts'
import { cpuOf } from './cpu.ts'
import { type Counts, NOTHING } from './meter/counts.ts'
import { type Answer, Publisher } from './publisher.ts'

const ADMIN_TOKEN = 'dev-admin-token'
const METER_PATH = '/bench/meter'
const COPIES_PATH = '/bench/copies'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const SERVE = [process.execPath, here('serve.ts')]

/**
 * The local runtime by itself traces every call of a Worker and keeps what it traced, which takes longer than what is
 * measured. A deployed Worker pays for no such thing.
 */
const UNTRACED = { X_LOCAL_OBSERVABILITY: 'false', X_LOCAL_EXPLORER: 'false' }

/** What each service is started with, beside a port and a folder of its own. */
const KINDS = {
  hookline: WITH_EXAMPLES,
  // Retries that come within the benchmark.
  metered: [here('meter/worker.ts'), ...WITH_EXAMPLES, ...['--var', 'DELAY_SCALE:0.01']],
  floor: ['--config', here('floor/wrangler.toml')],
  bare: ['--config', here('bare/wrangler.toml')],
  direct: ['--config', here('direct/wrangler.toml')],
  meteredFloor: [here('meter/floor.ts'), '--config', here('floor/wrangler.toml')],
} as const

export type Kind = keyof typeof KINDS

export interface ServiceOptions {
  /** Names its folder among those of one run. */
  readonly name: string
  readonly kind: Kind
  readonly folder: string
  readonly vars?: Readonly<Record<string, string>>
  /** The checkout that has it; this one unless it is named. */
  readonly checkout?: string | undefined
  /** Where a debugger finds it; none for 0. */
  readonly inspectorPort?: number
}

export class Service {
  readonly url: string
  readonly publisher: Publisher
  private readonly server: DevServer

  private constructor(server: DevServer) {
    this.url = server.url
    this.publisher = new Publisher(server.url)
    this.server = server
  }

  static async start(
    { name, kind, folder, vars = {}, checkout, inspectorPort = 0 }: ServiceOptions,
    signal: AbortSignal,
  ): Promise<Service> {
    const told = Object.entries(vars).flatMap(([key, value]) => ['--var', `${key}:${value}`])
    const port = String(await findFreePort())
    const ports = ['--port', port, '--inspector-port', String(inspectorPort)]
    const other = checkout === undefined ? [] : ['--config', join(checkout, 'wrangler.toml')]
    const flags = [...ports, '--persist-to', join(folder, name), ...other, ...KINDS[kind], ...told]
    const environment = { ...UNTRACED, WRANGLER_REGISTRY_PATH: join(folder, `${name}-registry`) }
    const migrated = kind === 'hookline' || kind === 'metered'
    const server = await startDevServer({ command: SERVE, flags, environment, migrated }, signal)
    return new Service(server)
  }

  async stop(): Promise<void> {
    this.publisher.close()
    await this.server.stop()
  }

  /**
   * Milliseconds of CPU it has taken so far, with everything that the local runtime is; null where it cannot be read.
   */
  cpuMs(): number | null {
    const { pid } = this.server
    return pid === undefined ? null : cpuOf(pid)
  }

  /** What the meter counted since it was last asked. */
  async takeCounts(): Promise<Counts> {
    const { text } = await this.publisher.send('GET', METER_PATH, '', null)
    return { ...NOTHING, ...JSON.parse(text) }
  }

  async copyWebhook(id: string, copies: number): Promise<void> {
    const path = `${COPIES_PATH}?webhook=${id}&copies=${copies}`
    await this.publisher.send('POST', path, '', '')
  }

  async createTenant(): Promise<Tenant> {
    const { id } = await this.create<{ id: string }>(ADMIN_TOKEN, '/tenants', { name: 'Bench' })
    const path = `/tenants/${id}/keys`
    const { token } = await this.create<{ token: string }>(ADMIN_TOKEN, path, {})
    return new Tenant(this, token, id)
  }

  /** The token of a key that may do everything for all tenants. */
  async createOperatorToken(): Promise<string> {
    const input = { name: 'Bench' }
    const made = await this.create<{ token: string }>(ADMIN_TOKEN, '/operator-keys', input)
    return made.token
  }

  async create<T>(token: string, path: string, input: unknown): Promise<T> {
    const { text } = await this.publisher.send('POST', `/v1${path}`, token, JSON.stringify(input))
    return JSON.parse(text)
  }
}

/** A tenant by one of its keys. */
export class Tenant {
  readonly token: string
  readonly id: string
  private readonly service: Service

  constructor(service: Service, token: string, id: string) {
    this.service = service
    this.token = token
    this.id = id
  }

  createWebhook(url: string, fields: Readonly<Record<string, unknown>> = {}) {
    const input = { url, eventTypes: ['bench.event'], ...fields }
    return this.service.create<{ id: string }>(this.token, '/webhooks', input)
  }

  async deleteWebhook(id: string): Promise<void> {
    await this.service.publisher.send('DELETE', `/v1/webhooks/${id}`, this.token, null)
  }

  /** The status that reading an event answers. */
  async readEvent(id: string): Promise<number> {
    const { publisher } = this.service
    const { status } = await publisher.ask('GET', `/v1/events/${id}`, this.token, null)
    return status
  }

  /** Publishes JSON text: an event or several. */
  publish(body: string): Promise<Answer> {
    return this.service.publisher.send('POST', '/v1/events', this.token, body)
  }
}

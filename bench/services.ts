// The services of a benchmark in the local runtime: Hookline, the floor Worker and the bare one, as they are or under the meter.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDevServer, WITH_EXAMPLES } from '../scripts/dev-server.ts'
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
  meteredFloor: [here('meter/floor.ts'), '--config', here('floor/wrangler.toml')],
} as const

export type Kind = keyof typeof KINDS

export interface ServiceOptions {
  /** Names its folder among those of one run. */
  readonly name: string
  readonly kind: Kind
  readonly folder: string
  /** Where the floor and the bare Worker send everything. */
  readonly target?: string
}

export class Service {
  readonly publisher: Publisher
  private readonly pid: number | undefined
  readonly stop: () => Promise<void>

  private constructor(publisher: Publisher, pid: number | undefined, stop: () => Promise<void>) {
    this.publisher = publisher
    this.pid = pid
    this.stop = stop
  }

  static async start(
    { name, kind, folder, target }: ServiceOptions,
    signal: AbortSignal,
  ): Promise<Service> {
    const receiver = target === undefined ? [] : ['--var', `TARGET_URL:${target}`]
    const port = String(await findFreePort())
    const flags = ['--port', port, '--persist-to', join(folder, name), ...KINDS[kind], ...receiver]
    const environment = { ...UNTRACED, WRANGLER_REGISTRY_PATH: join(folder, `${name}-registry`) }
    const migrated = kind === 'hookline' || kind === 'metered'
    const server = await startDevServer({ command: SERVE, flags, environment, migrated }, signal)
    return new Service(new Publisher(server.url), server.pid, server.stop)
  }

  /** Milliseconds of CPU its runtime has taken so far: workerd with local D1, queues and objects, no Node; null where it cannot be read. */
  cpuMs(): number | null {
    return this.pid === undefined ? null : cpuOf(this.pid)
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
    return new Tenant(this, token)
  }

  async create<T>(token: string, path: string, input: unknown): Promise<T> {
    const { text } = await this.publisher.send('POST', `/v1${path}`, token, JSON.stringify(input))
    return JSON.parse(text)
  }
}

/** A tenant by one of its keys. */
export class Tenant {
  private readonly service: Service
  private readonly token: string

  constructor(service: Service, token: string) {
    this.service = service
    this.token = token
  }

  createWebhook(url: string, fields: Readonly<Record<string, unknown>> = {}) {
    const input = { url, eventTypes: ['bench.event'], ...fields }
    return this.service.create<{ id: string }>(this.token, '/webhooks', input)
  }

  /** Publishes JSON text: an event or several. */
  publish(body: string): Promise<Answer> {
    return this.service.publisher.send('POST', '/v1/events', this.token, body)
  }
}

// Where the time of a single publish goes: `npm run bench -- --profile` takes a CPU profile of Hookline's isolate over a burst,
// by the Chrome DevTools protocol, and prints the time that files and functions took themselves. An inspector is attached,
// which reads every line of the log: shares are what it tells, not times.

import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../scripts/free-port.ts'
import { runBurst } from './burst.ts'
import { startFormer, startHookline, type World } from './parts.ts'
import { hooklineSubject } from './subject.ts'
import { table } from './tables.ts'

const WARM_UP = { publishes: 1_000, perPublish: 1, connections: 20 }
const BURST = { publishes: 3_000, perPublish: 1, connections: 20 }
/** Microseconds between two samples. */
const INTERVAL_US = 250
const SHOWN = { files: 30, functions: 40 }
/** Milliseconds in which the inspector tells all scripts that it knows. */
const SCRIPTS_MS = 1_000

interface CallFrame {
  readonly functionName: string
  readonly scriptId: string
  readonly url: string
  readonly lineNumber: number
  readonly columnNumber: number
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
  /** Ids of nodes, and the microseconds between each of them and the one before. */
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface Place {
  readonly file: string
  readonly name: string
}

/** What V8 calls the time in which no JavaScript of this isolate runs: nothing to do, or another isolate has the thread. */
const NOT_RUNNING: readonly string[] = ['(idle)', '(root)']

export async function printProfile(world: World): Promise<void> {
  const { receivers, say, former } = world
  const inspectorPort = await findFreePort()
  say('starting Hookline with an inspector')
  const service =
    former === null
      ? await startHookline(world, 'hookline', inspectorPort)
      : await startFormer(world, former, inspectorPort)
  const subject = await hooklineSubject(service, receivers)
  say('warming up')
  await runBurst(subject, receivers, WARM_UP)
  const inspector = await Inspector.open(inspectorPort)
  const maps = await inspector.readSourceMaps()
  await inspector.call('Profiler.enable')
  await inspector.call('Profiler.setSamplingInterval', { interval: INTERVAL_US })
  await inspector.call('Profiler.start')
  say(`profiling ${BURST.publishes} publishes`)
  const round = await runBurst(subject, receivers, BURST)
  const { profile } = await inspector.call<{ profile: Profile }>('Profiler.stop')
  inspector.close()
  await service.stop()
  const deliveries = round.received.length
  const cpu = round.cpuMs === null ? 'unknown' : `${(round.cpuMs / deliveries).toFixed(2)} ms`
  say(`CPU a delivery, the whole local runtime with the inspector: ${cpu}`)
  const running = [...selfTimes(profile, maps)].filter(([{ name }]) => !NOT_RUNNING.includes(name))
  const ours = `${(sumOf(running) / deliveries).toFixed(2)} ms`
  say(
    `of it in the isolate, the Worker and its objects: ${ours}; the rest is the local runtime's own`,
  )
  print(running, deliveries)
}

/** A connection to the inspector of the one Worker that is served. */
class Inspector {
  private readonly socket: WebSocket
  private readonly answers = new Map<number, (text: string) => void>()
  /** URLs of source maps by the id of their script. */
  private readonly sourceMapUrls = new Map<string, string>()
  private calls = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.addEventListener('message', ({ data }) => this.hear(String(data)))
  }

  static async open(port: number): Promise<Inspector> {
    // It answers only to pages of this machine.
    const headers = { origin: 'http://localhost' }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('The inspector does not answer.')))
    await promise
    return new Inspector(socket)
  }

  call<T>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<T> {
    this.calls += 1
    const { promise, resolve } = Promise.withResolvers<T>()
    this.answers.set(this.calls, (text) => resolve(JSON.parse(text).result))
    this.socket.send(JSON.stringify({ id: this.calls, method, params }))
    return promise
  }

  /** The source map of each script that has one on this machine. */
  async readSourceMaps(): Promise<ReadonlyMap<string, SourceMap>> {
    await this.call('Debugger.enable')
    await sleep(SCRIPTS_MS)
    await this.call('Debugger.disable')
    const local = [...this.sourceMapUrls].filter(([, url]) => /^(wrangler-)?file:/.test(url))
    return new Map(
      local.map(([script, url]) => {
        const text = readFileSync(new URL(url.replace('wrangler-file:', 'file:')), 'utf8')
        return [script, new SourceMap(JSON.parse(text))]
      }),
    )
  }

  close(): void {
    this.socket.close()
  }

  private hear(text: string): void {
    const { id, method, params } = JSON.parse(text)
    if (method === 'Debugger.scriptParsed' && params.sourceMapURL)
      this.sourceMapUrls.set(params.scriptId, new URL(params.sourceMapURL, params.url).href)
    this.answers.get(id)?.(text)
    this.answers.delete(id)
  }
}

/** Milliseconds that each place took itself. */
function selfTimes(
  { nodes, samples, timeDeltas }: Profile,
  maps: ReadonlyMap<string, SourceMap>,
): ReadonlyMap<Place, number> {
  const places = new Map<string, Place>()
  const placeOf = new Map(
    nodes.map(({ id, callFrame }) => {
      const place = toPlace(callFrame, maps)
      const key = `${place.file} ${place.name}`
      const known = places.get(key) ?? place
      places.set(key, known)
      return [id, known]
    }),
  )
  const times = new Map<Place, number>()
  for (const [index, id] of samples.entries()) {
    const place = placeOf.get(id)
    const ms = (timeDeltas[index] ?? 0) / 1_000
    if (place !== undefined) times.set(place, (times.get(place) ?? 0) + ms)
  }
  return times
}

function toPlace(frame: CallFrame, maps: ReadonlyMap<string, SourceMap>): Place {
  const { functionName, scriptId, url, lineNumber, columnNumber } = frame
  const name = functionName === '' ? '(anonymous)' : functionName
  if (url === '') return { file: 'the runtime', name }
  const entry = maps.get(scriptId)?.findEntry(lineNumber, columnNumber)
  if (entry === undefined || !('originalSource' in entry)) return { file: url, name }
  // Sources are relative to a folder of wrangler's: only what comes after the repository's root says something.
  const file = entry.originalSource.replace(/^(\.\.\/)+/, '').replace(/^.*\/node_modules\//, '')
  return { file, name: `${name}:${entry.originalLine + 1}` }
}

function print(running: readonly (readonly [Place, number])[], deliveries: number): void {
  const total = sumOf(running)
  const cells = (ms: number) => [
    `${((100 * ms) / total).toFixed(1)} %`,
    `${((1_000 * ms) / deliveries).toFixed(0)} µs`,
  ]
  const files = Map.groupBy(running, ([{ file }]) => file)
  const byFile = [...files].map(([file, all]) => [file, sumOf(all)] as const)
  const isOurs = (file: string) => file.startsWith('src/')
  const rooms = Map.groupBy(byFile, ([file]) =>
    isOurs(file) ? 'src' : file === 'the runtime' ? file : 'packages and what wrangler adds',
  )
  const largest = <T>(all: readonly (readonly [T, number])[], count: number) =>
    all.toSorted(([, a], [, b]) => b - a).slice(0, count)
  const byRoom = [...rooms].map(([room, all]) => [room, sumOf(all)] as const)
  const rows = (all: readonly (readonly [string, number])[]) =>
    all.map(([name, ms]) => [name, ...cells(ms)])
  const head = ['of the isolate, by itself', 'a delivery']
  console.log(`\n${table(['whose', ...head], rows(largest(byRoom, byRoom.length)))}`)
  console.log(`\n${table(['file', ...head], rows(largest(byFile, SHOWN.files)))}`)
  const functions = running.map(([{ file, name }, ms]) => [`${name}  ${file}`, ms] as const)
  console.log(`\n${table(['function', ...head], rows(largest(functions, SHOWN.functions)))}`)
}

function sumOf(all: readonly (readonly [unknown, number])[]): number {
  return all.reduce((sum, [, ms]) => sum + ms, 0)
}

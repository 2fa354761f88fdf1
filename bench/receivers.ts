// The receiver as the benchmark sees it: starts its process, hands out paths, and asks what came to them.

import { fileURLToPath } from 'node:url'
import { startGroup } from '../scripts/processes.ts'
import type { Receipts } from './inbox.ts'
import { Publisher } from './publisher.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COMMAND = [process.execPath, fileURLToPath(new URL('receiver.ts', import.meta.url))]

export class Receivers {
  readonly url: string
  private readonly control: Publisher
  private paths = 0

  private constructor(url: string, control: Publisher) {
    this.url = url
    this.control = control
  }

  /** Receives until `signal` aborts. */
  static async open(signal: AbortSignal): Promise<Receivers> {
    const lines: string[] = []
    const { promise: told, resolve } = Promise.withResolvers<void>()
    const onLine = (line: string) => {
      lines.push(line)
      if (lines.length === 2) resolve()
    }
    const group = startGroup(COMMAND, { cwd: ROOT, env: process.env, onLine })
    signal.addEventListener('abort', () => group.stop(), { once: true })
    await Promise.race([told, group.ended])
    const [url, control] = lines
    if (url === undefined || control === undefined || !URL.canParse(control))
      throw new Error(`The receiver did not start:\n${lines.join('\n')}`)
    return new Receivers(url, new Publisher(control))
  }

  /** Paths that nobody has had before; `kind` says how they behave (receiver.ts). */
  newPaths(count: number, kind = 'healthy'): readonly string[] {
    return Array.from({ length: count }, () => {
      this.paths += 1
      return `/${kind}/${this.paths}`
    })
  }

  urlOf(path: string): string {
    return `${this.url}${path}`
  }

  /**
   * Resolves once each path has got so many different events, and every refused one again; false when patience ended
   * before.
   */
  async haveCome(paths: readonly string[], count: number, patienceMs: number): Promise<boolean> {
    const { isComplete } = await this.ask<Completion>('/complete', { paths, count, patienceMs })
    return isComplete
  }

  /** The same, but rejects when patience ends. */
  async received(paths: readonly string[], count: number, patienceMs: number): Promise<void> {
    if (await this.haveCome(paths, count, patienceMs)) return
    const { counts } = await this.ask<Completion>('/complete', { paths, count, patienceMs: 0 })
    throw new Error(`${Math.min(...counts)} of ${count} events came to the worst path.`)
  }

  /** How many different events have come to a path. */
  async countAt(path: string): Promise<number> {
    const question = { paths: [path], count: 0, patienceMs: 0 }
    const { counts } = await this.ask<Completion>('/complete', question)
    return counts[0] ?? 0
  }

  receiptsAt(paths: readonly string[]): Promise<readonly Receipts[]> {
    return this.ask('/receipts', { paths })
  }

  /** Forgets what came there, and hangs up on whoever waits for an answer. */
  async forget(paths: readonly string[]): Promise<void> {
    await this.ask('/forget', { paths })
  }

  /** From now on paths of the kind `reading` read each event from there before they answer. */
  async readFrom(url: string, token: string): Promise<void> {
    await this.ask('/reader', { url, token })
  }

  private async ask<T>(path: string, question: Readonly<Record<string, unknown>>): Promise<T> {
    const { text } = await this.control.send('POST', path, '', JSON.stringify(question))
    return JSON.parse(text)
  }
}

interface Completion {
  readonly counts: readonly number[]
  readonly isComplete: boolean
}

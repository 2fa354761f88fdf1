// What a listener knows between its runs: its webhook, how far it has read, and what it has forwarded. It stands in a folder of its
// owner's, and has no payload: a replay reads the event again.

import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { EXIT, Failure, read } from '../failure.ts'
import { configFolder, readOwn, writeOwn } from '../profiles.ts'

/** Requests that are remembered, and after how many the file is cut down to them. */
const KEPT = 1_000
const CUT_AT = 2 * KEPT

const Place = z.object({
  webhookId: z.string(),
  /** From where the page under way is read; null: from the beginning. */
  cursor: z.string().nullable(),
  /** What of that page was forwarded. */
  done: z.array(z.string()),
})
export type Place = z.infer<typeof Place>

const Forwarded = z.object({
  at: z.string(),
  id: z.string(),
  type: z.string(),
  url: z.string(),
  /** Null: there was no answer. */
  status: z.number().nullable(),
  ms: z.number(),
  error: z.string().nullable(),
  /** From where it is read once more. */
  cursor: z.string().nullable(),
})
export type Forwarded = z.infer<typeof Forwarded>

export class ListenerState {
  private readonly file: string
  private readonly historyFile: string
  private readonly known: Forwarded[]

  /** `identity`: what makes a listener the same in its next run. */
  constructor(identity: readonly string[]) {
    const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex')
    this.file = join(configFolder(), 'listen', `${hash.slice(0, 24)}.json`)
    this.historyFile = this.file.replace(/\.json$/, '.history.jsonl')
    mkdirSync(join(configFolder(), 'listen'), { recursive: true, mode: 0o700 })
    this.known = this.readHistory()
  }

  /** Where it was; null: it has never listened. */
  place(): Place | null {
    const text = readOwn(this.file)
    return text === null ? null : read(Place, text, this.damaged)
  }

  keepPlace(place: Place): void {
    writeOwn(this.file, JSON.stringify(place))
  }

  forgetPlace(): void {
    rmSync(this.file, { force: true })
  }

  /** Oldest first. */
  get history(): readonly Forwarded[] {
    return this.known.slice(-KEPT)
  }

  remember(forwarded: Forwarded): void {
    this.known.push(forwarded)
    if (this.known.length >= CUT_AT) {
      this.known.splice(0, this.known.length - KEPT)
      writeOwn(this.historyFile, this.known.map((one) => `${JSON.stringify(one)}\n`).join(''))
      return
    }
    appendFileSync(this.historyFile, `${JSON.stringify(forwarded)}\n`, { mode: 0o600 })
  }

  private readHistory(): Forwarded[] {
    const lines = (readOwn(this.historyFile) ?? '').split('\n')
    const ended = lines.pop()
    // Whoever was killed while writing left the beginning of a line: the next one begins anew.
    if (ended) appendFileSync(this.historyFile, '\n')
    return lines.flatMap((line) => {
      const found = line === '' ? null : Forwarded.safeParse(parseOrNull(line)).data
      return found ? [found] : []
    })
  }

  private readonly damaged = (why: string) =>
    new Failure(`${this.file} is damaged: ${why}. Delete it to listen anew.`, EXIT.failed)
}

function parseOrNull(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

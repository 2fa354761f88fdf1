// Does one thing so many times, and answers how many milliseconds each took.

import { DurableObject } from 'cloudflare:workers'
import { deliver } from '../floor/deliver.ts'
import { percentile } from '../statistics.ts'

interface PiecesEnv {
  readonly DB: D1Database
  readonly OBJECTS: DurableObjectNamespace<Piece>
  readonly TARGET_URL: string
}

export class Piece extends DurableObject<PiecesEnv> {
  write(text: string): void {
    const { sql } = this.ctx.storage
    sql.exec('CREATE TABLE IF NOT EXISTS rows (text TEXT)')
    sql.exec('INSERT INTO rows VALUES (?)', text)
  }
}

/** As many as a batch of Hookline has under way. */
const LANES = 5
/** Milliseconds between two of what is done when idle. */
const PAUSE_MS = 20

const PIECES: Readonly<Record<string, (env: PiecesEnv, times: number) => Promise<number>>> = {
  '/database': ({ DB }, times) => whenIdle(times, () => DB.prepare('SELECT 1').raw()),

  '/object'({ OBJECTS }, times) {
    const object = OBJECTS.getByName('one')
    return whenIdle(times, () => object.write('a row'))
  },

  async '/request'({ TARGET_URL }, times) {
    const body = '{"type":"bench.event","data":{"index":0}}'
    let begun = 0
    const lane = async () => {
      while (begun < times) {
        begun += 1
        await deliver({ id: `piece-${begun}`, body }, TARGET_URL)
      }
    }
    const start = performance.now()
    await Promise.all(Array.from({ length: LANES }, lane))
    return (performance.now() - start) / times
  },
}

/** The median. */
async function whenIdle(times: number, work: () => Promise<unknown>): Promise<number> {
  const taken: number[] = []
  while (taken.length < times) {
    await scheduler.wait(PAUSE_MS)
    const start = performance.now()
    await work()
    taken.push(performance.now() - start)
  }
  return percentile(taken, 0.5)
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    const ms = await PIECES[pathname]?.(env, Number(searchParams.get('times')))
    return Response.json({ ms })
  },
} satisfies ExportedHandler<PiecesEnv>

// Does one thing so many times, and answers how many milliseconds it took each time.

import { DurableObject } from 'cloudflare:workers'
import { deliver } from '../floor/deliver.ts'

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

const PIECES: Readonly<Record<string, (env: PiecesEnv, times: number) => Promise<void>>> = {
  async '/database'({ DB }, times) {
    for (let index = 0; index < times; index += 1) await DB.prepare('SELECT 1').raw()
  },
  async '/object'({ OBJECTS }, times) {
    const object = OBJECTS.getByName('one')
    for (let index = 0; index < times; index += 1) await object.write(`row ${index}`)
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
    await Promise.all(Array.from({ length: LANES }, lane))
  },
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    const times = Number(searchParams.get('times'))
    const start = performance.now()
    await PIECES[pathname]?.(env, times)
    return Response.json({ ms: (performance.now() - start) / times })
  },
} satisfies ExportedHandler<PiecesEnv>

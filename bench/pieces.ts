// What the pieces take of which everything is made, by themselves: what no design on this runtime can be below.

import type { Pieces } from './results.ts'
import type { Service } from './services.ts'

/** How often each is done, the first time for the compiler only. */
const REQUESTS = 2_000
const STATEMENTS = 100

export async function measurePieces(
  service: Service,
  say: (line: string) => void,
): Promise<Pieces> {
  const take = async (piece: string, times: number): Promise<number> => {
    say(`by itself: ${piece}`)
    const ask = async () => {
      const { text } = await service.publisher.send('GET', `/${piece}?times=${times}`, '', null)
      const { ms }: { ms: number } = JSON.parse(text)
      return ms
    }
    await ask()
    return ask()
  }
  return {
    databaseReadMs: await take('database', STATEMENTS),
    objectWriteMs: await take('object', STATEMENTS),
    signedRequestMs: await take('request', REQUESTS),
  }
}

// What the pieces take of which everything is made, by themselves: what no design on this runtime can be below.

import type { Pieces } from './results.ts'
import type { Service } from './services.ts'

/** How often each is done; the first time is for the compiler. */
const TIMES = 1_000
const ROUNDS = 3

export async function measurePieces(service: Service, say: (line: string) => void) {
  const best = async (piece: string): Promise<number> => {
    say(`by itself: ${piece}`)
    const each: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const path = `/${piece}?times=${TIMES}`
      const { text } = await service.publisher.send('GET', path, '', null)
      const { ms }: { ms: number } = JSON.parse(text)
      each.push(ms)
    }
    return Math.min(...each)
  }
  const pieces: Pieces = {
    databaseReadMs: await best('database'),
    objectWriteMs: await best('object'),
    signedRequestMs: await best('request'),
  }
  return pieces
}

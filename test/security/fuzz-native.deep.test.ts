// `/v1` under hostile input, generated from its own schemas.

import { beforeAll, describe, it } from 'vitest'
import { beginFuzz, type Fuzz, fuzzSurface, inWords } from './fuzz/run.ts'

const RUNS = 3_500

let fuzz: Fuzz

beforeAll(async () => {
  fuzz = await beginFuzz()
}, 60_000)

describe('/v1', () => {
  it(`survives ${RUNS} hostile requests`, async ({ task }) => {
    const counts = await fuzzSurface('native', RUNS, fuzz)
    task.meta.counted = inWords('native', counts)
  }, 600_000)
})

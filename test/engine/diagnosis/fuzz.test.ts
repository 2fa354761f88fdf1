// Whatever an attempt keeps, its diagnosis is short, of plain characters, and one of the list.

import { expect, it } from 'vitest'
import { CAUSES } from '../../../src/engine/diagnosis/causes.ts'
import { diagnose } from '../../../src/engine/diagnosis/diagnose.ts'
import { RULES } from '../../../src/engine/diagnosis/rules.ts'
import { DIAGNOSTIC_HEADERS } from '../../../src/engine/model/index.ts'

const RUNS = 5_000
/** A URL of 300 characters, and sentences of our own. */
const MOST_CHARS = 1_000
const CONTROLS = /\p{Cc}/u

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What rules look for, so that more than the last of them is reached. */
const WORDS = RULES.flatMap(({ body, error, headers = {} }) =>
  [body, error, ...Object.values(headers)].flatMap((form) => form?.source ?? []),
).concat(
  [
    'error code: 1020',
    'Missing required headers',
    'Invalid signature',
    'challenge',
    'Basic',
    '120',
  ],
  ['https://a.example/hook', 'https://a.example/hook/', 'http://a.example/login', 'GET, HEAD'],
  ['\u0000', '\u001b[31m', '\r\n', '\u202e', '\ud800', '<script>', '{url}', '{by}', '$&', '••••'],
  ['x'.repeat(3_000), '(((((((((((('.repeat(80), '/'.repeat(900), ' '.repeat(900)],
)

it('holds for thousands of attempts that nobody thought of', ({ task }) => {
  const seed = Number(import.meta.env.VITE_DIAGNOSIS_SEED ?? Date.now() % 2 ** 31)
  const random = randomOf(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const text = () =>
    Array.from({ length: Math.ceil(random() * 4) }, () => pick(WORDS)).join(pick(['', ' ', '\n']))
  const seen = new Set<string>()
  for (let run = 0; run < RUNS; run += 1) {
    const kept = {
      outcome: 'failed' as const,
      statusCode: pick([null, Math.floor(random() * 1_000), 401, 403, 404, 301, 530]),
      error: pick([null, text(), `The connection failed: ${text()}`]),
      responseExcerpt: pick([null, text()]),
      responseFacts: pick([
        undefined,
        {
          headers: Object.fromEntries(
            DIAGNOSTIC_HEADERS.filter(() => random() < 0.4).map((name) => [name, text()]),
          ),
          redirect: pick([undefined, { from: text(), to: text() }]),
          sentCredentials: pick([undefined, true as const]),
        },
      ]),
    }
    const diagnosis = diagnose(kept)
    const said = [diagnosis?.explanation, diagnosis?.remedy].join()
    const where = `VITE_DIAGNOSIS_SEED=${seed}, run ${run}: ${JSON.stringify({ kept, diagnosis }).slice(0, 4_000)}`
    expect(Object.keys(CAUSES), where).toContain(diagnosis?.cause)
    expect(said.length, where).toBeLessThan(MOST_CHARS)
    // An address may have what would stand for a match, and is quoted as it is.
    const unquoted = said.replaceAll(kept.responseFacts?.redirect?.to ?? '', '')
    expect(CONTROLS.test(said) || /[<\u202e]/.test(said) || !said.isWellFormed(), where).toBe(false)
    expect(unquoted.includes('$&'), where).toBe(false)
    expect((diagnosis?.useUrl ?? 'https://').startsWith('http'), where).toBe(true)
    seen.add(diagnosis?.cause ?? '')
  }
  task.meta.counted = `seed ${seed}, ${RUNS} attempts, ${seen.size} of ${Object.keys(CAUSES).length} causes`
})

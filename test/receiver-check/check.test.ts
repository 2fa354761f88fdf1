// `check` against receivers with planted bugs, and against right ones of several kinds.

import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { toJsonLines, toTable } from '../../cli/check/print.ts'
import { type Report, RUN_DEFAULTS, runChecks } from '../../cli/check/run.ts'
import { readSecret } from '../../cli/check/signing.ts'
import { KNOWN_TYPE, pause, RIGHT, SECRET, type Steps, startReceiver } from './receiver.ts'
import { BUGS, type Bug } from './receivers-with-bugs.ts'

/** Of all bugs, at least so many are to be found. */
const FOUND_SHARE = 0.9
/** A tenth of what people wait for. */
const QUICK = { timeoutMs: 2_500, slowMs: 1_200, slowBodyMs: 250, settleMs: 50, mostWaitMs: 1_000 }
/** So many receivers at once: more would make them slow. */
const AT_ONCE = 4

const secret = readSecret(SECRET)
if (secret === null) throw new Error('The secret is none.')
const options = { ...RUN_DEFAULTS, ...QUICK, secret, type: KNOWN_TYPE }

async function check(change: Partial<Steps>, isObserved = false): Promise<Report> {
  const { url, handled, close } = await startReceiver(change)
  try {
    return await runChecks({ ...options, url, observe: isObserved ? handled : null })
  } finally {
    close()
  }
}

const isFound = ({ found }: Bug, { findings }: Report) =>
  findings.some(({ name }) => found.includes(name))

async function findBugs(bugs: readonly Bug[], isObserved: boolean): Promise<readonly Bug[]> {
  const found: Bug[] = []
  const waiting = [...bugs]
  const work = async () => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      if (isFound(bug, await check(bug.change, isObserved))) found.push(bug)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return found
}

describe('a receiver with a planted bug', () => {
  it('is told of it, nine times of ten', async () => {
    expect(BUGS.length).toBeGreaterThanOrEqual(60)
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length)
    const seen = await findBugs(BUGS, false)
    const rest = BUGS.filter((bug) => !seen.includes(bug))
    const observed = await findBugs(rest, true)
    const missed = rest.filter((bug) => !observed.includes(bug)).map(({ name }) => name)
    console.log(
      `check found ${seen.length} of ${BUGS.length} planted bugs by answers alone, ${observed.length} more with --observe; not: ${missed.join('; ')}`,
    )
    expect(seen.length).toBeGreaterThanOrEqual(Math.ceil(BUGS.length * FOUND_SHARE))
  }, 120_000)
})

/** What right receivers do in different ways. */
const VARIANTS: Readonly<Record<string, Partial<Steps>>> = {
  'as it is': {},
  'answers 200 with a text': {
    answer: async ({ status }) => [status === 204 ? 200 : status, 'ok'],
  },
  'answers 202 and JSON': {
    answer: async ({ status, event }) => [status === 204 ? 202 : status, JSON.stringify({ event })],
  },
  'refuses with 400': { answer: async ({ status }) => [status === 401 ? 400 : status, 'no'] },
  'refuses with 403': { answer: async ({ status }) => [status === 401 ? 403 : status, ''] },
  'allows two minutes': {
    isFresh: (timestamp) => Math.abs(Date.now() / 1_000 - Number(timestamp)) <= 120,
  },
  'allows ten minutes': {
    isFresh: (timestamp) => Math.abs(Date.now() / 1_000 - Number(timestamp)) <= 600,
  },
  'verifies text': {
    content: ({ id, timestamp, bytes }) => `${id}.${timestamp}.${bytes.toString()}`,
  },
  'reads no JSON before its answer': { parse: () => null },
  'takes some time': {
    answer: async ({ status }) => {
      await pause(40)
      return [status, '']
    },
  },
  'says that it is at work on the same event': {
    answer: async ({ came, status }, { busy }) => {
      if (busy.has(came.id)) return [409, '']
      busy.add(came.id)
      await pause(30)
      busy.delete(came.id)
      return [status, '']
    },
  },
  'takes gzip and says so': {
    async readBody(request) {
      const bytes = await RIGHT.readBody(request, Object.create(null))
      try {
        return request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
      } catch {
        return Buffer.alloc(0)
      }
    },
    respond: (response, status, text) => {
      response.writeHead(status, { 'accept-encoding': 'gzip' }).end(text)
    },
  },
  'refuses gzip': {
    before: ({ headers }) => (headers['content-encoding'] === 'gzip' ? 415 : null),
  },
  'asks to wait once in a while': {
    before: (_, store) => {
      store.refused++
      return store.refused % 20 === 0 ? 429 : null
    },
    respond: (response, status, text) => {
      response.writeHead(status, status === 429 ? { 'retry-after': '0' } : {}).end(text)
    },
  },
}

describe('a right receiver', () => {
  it.each(Object.entries(VARIANTS))('that %s has no finding', async (_, change) => {
    for (const isObserved of [false, true]) {
      const { findings, grade } = await check(change, isObserved)
      expect({ findings, grade }).toEqual({ findings: [], grade: 'A' })
    }
  })
})

describe('what cannot be judged', () => {
  it('is told, and is no finding', async () => {
    const { results } = await check({})
    const gzip = results.find(({ name }) => name === 'gzip')
    expect(gzip).toMatchObject({ verdict: 'not judged', seen: 'no answer said that it takes gzip' })
  })

  it('is all that needs a valid request, where a valid one is refused', async () => {
    const { results, grade } = await check({ isFresh: () => false })
    const retry = results.find(({ name }) => name === 'retry')
    expect(retry).toMatchObject({
      verdict: 'not judged',
      seen: 'a valid request is refused already',
    })
    expect(results.find(({ name }) => name === 'bad-signature')?.verdict).toBe('passed')
    expect(grade).toBe('F')
  })

  it('is everything, where nobody listens', async () => {
    const { url, close } = await startReceiver({})
    close()
    const { results, requests, grade } = await runChecks({ ...options, url })
    expect(requests).toBe(3)
    expect(results.at(-1)?.seen).toMatch(
      /^a valid request is refused|^the receiver does not answer/,
    )
    expect(grade).toBe('F')
  })

  it('is everything after the deadline', async () => {
    const { url, close } = await startReceiver({})
    const { requests, results } = await runChecks({ ...options, url, deadlineMs: -1 })
    close()
    expect(requests).toBe(0)
    expect(results.every(({ seen }) => seen === 'the time was over')).toBe(true)
  })

  it('is what was handled, where no event of the type is counted', async () => {
    const { url, handled, close } = await startReceiver({})
    const report = await runChecks({ ...options, url, observe: handled, type: 'hookline.check' })
    close()
    expect(report.findings).toEqual([])
    expect(report.results.at(-1)).toMatchObject({ name: 'observe', verdict: 'not judged' })
  })
})

describe('the report', () => {
  it('has a line for each check, the finding in words, and the grade', async () => {
    const report = await check({ isFresh: () => true })
    const table = toTable(report, false)
    expect(table).toContain('✗ old-timestamp')
    expect(table).toContain('wrong  old-timestamp: takes old requests: whoever recorded one')
    expect(table).toContain(': F (others can make it take what they like')
    const lines = toJsonLines(report)
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.filter(({ kind }) => kind === 'check')).toHaveLength(report.results.length)
    expect(
      lines.find(({ kind, name }) => kind === 'finding' && name === 'old-timestamp'),
    ).toMatchObject({ severity: 'wrong', seen: '204' })
    expect(lines.at(-1)).toMatchObject({ kind: 'grade', grade: 'F', url: report.url })
    expect(table + toJsonLines(report)).not.toContain(SECRET.slice(6))
  })
})

// `npm run bench`: measures what Hookline costs and how fast it is beside the direct Worker, the floor and the bare one, prints
// it and writes results.json and the measured part of docs/benchmarks.md. Exits with 1 when something is missed that no
// machine excuses. Nothing here is asserted in tests.
//
//   npm run bench -- --only=speed,isolation   some parts; nothing is written
//   npm run bench -- --former=/work/old       beside Hookline of another checkout, with what it needs installed: before and after in one sitting
//   npm run bench -- --profile                with or without --former: where the time of a single publish goes (profile.ts)
//   npm run bench -- --pages                  how long the pages take of a tenant that has much (pages.ts)
//   npm run bench -- --attempts               how long the attempts take of a webhook that got one of a thousand of a million events (attempts.ts)
//   npm run bench -- --keys                   what failing keys of an ordered webhook cost the others (keys.ts); --events=1000 of fewer events

import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { printAttempts } from './attempts.ts'
import { now } from './clock.ts'
import { printKeys } from './keys.ts'
import { printPages } from './pages.ts'
import { isPart, measureFormer, measurePart, PARTS } from './parts.ts'
import { printProfile } from './profile.ts'
import { Receivers } from './receivers.ts'
import type { Measured, Results, Verdict } from './results.ts'
import { makeStateFolder } from './state-folder.ts'
import { tablesOf, verdictsTable } from './tables.ts'
import { verdictsOf } from './verdicts.ts'
import { writeMeasured } from './write-page.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    former: { type: 'string' },
    profile: { type: 'boolean', default: false },
    pages: { type: 'boolean', default: false },
    attempts: { type: 'boolean', default: false },
    keys: { type: 'boolean', default: false },
    events: { type: 'string', default: '10000' },
  },
})
const chosen = values.only?.split(',') ?? PARTS
const parts = chosen.filter(isPart)
if (parts.length < chosen.length) throw new Error(`The parts are ${PARTS.join(', ')}.`)

const start = now()
const seconds = () => (now() - start) / 1_000
const say = (line: string) => console.log(`${seconds().toFixed(0).padStart(4)} s  ${line}`)
const abort = new AbortController()
const { path: folder, storage } = makeStateFolder()

process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
// What was started ends with this process, if it ends by itself.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => process.exit(1))

try {
  const receivers = await Receivers.open(abort.signal)
  const former = values.former ?? null
  const world = { receivers, folder, say, signal: abort.signal, former }
  if (values.profile) await printProfile(world)
  else if (values.pages) await printPages(world)
  else if (values.attempts) await printAttempts(world)
  else if (values.keys) await printKeys(world, Number(values.events))
  else {
    let measured: Partial<Measured> = {}
    for (const part of parts) {
      const one = await measurePart(world, part)
      console.log(['', ...tablesOf(one), ''].join('\n\n'))
      measured = { ...measured, ...one }
    }
    const verdicts = verdictsOf(measured)
    console.log(`\n${verdictsTable(verdicts)}\n`)
    if (former !== null) {
      const before = tablesOf(await measureFormer(world, former))
      console.log(['', 'The same of the former commit:', ...before, ''].join('\n\n'))
    }
    if (isComplete(measured)) write(measured, verdicts)
    const isBad = verdicts.some(({ passed, isRequired }) => isRequired && !passed)
    process.exitCode = isBad ? 1 : 0
  }
} finally {
  abort.abort()
}

function isComplete(measured: Partial<Measured>): measured is Measured {
  return PARTS.every((part) => measured[part] !== undefined)
}

function write(measured: Measured, verdicts: readonly Verdict[]): void {
  const at = new Date().toISOString()
  const machine = { cores: availableParallelism(), storage, seconds: Math.round(seconds()) }
  const results: Results = { at, commit: readCommit(), machine, ...measured, verdicts }
  const text = `${JSON.stringify(results, rounded, 2)}\n`
  writeFileSync(new URL('results.json', import.meta.url), text)
  writeMeasured()
  say('bench/results.json and docs/benchmarks.md are written')
}

/** Empty outside of a repository. */
function readCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  try {
    const isClean = git('status', '--porcelain', '--untracked-files=no') === ''
    return `${git('rev-parse', '--short', 'HEAD')}${isClean ? '' : '+'}`
  } catch {
    return ''
  }
}

/** Four digits say all that such a measurement can. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value
}

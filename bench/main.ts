// `npm run bench`: measures what Hookline costs and how fast it is beside the floor and the bare Worker, prints it and writes
// results.json and the measured part of docs/benchmarks.md. Exits with 1 when the isolation scenario fails. Nothing here is
// asserted in tests.

import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { measureCost } from './cost.ts'
import { measureGrowth } from './growth.ts'
import { measureIsolation } from './isolation.ts'
import { print } from './print.ts'
import { Receivers } from './receivers.ts'
import type { Results } from './results.ts'
import { type Kind, Service } from './services.ts'
import { measureSpeed } from './speed.ts'
import { makeStateFolder } from './state-folder.ts'
import { bareSubject, floorSubject, hooklineSubject, newPath } from './subject.ts'
import { isolationVerdicts, speedVerdicts } from './verdicts.ts'
import { writeMeasured } from './write-page.ts'

const start = performance.now()
const seconds = () => (performance.now() - start) / 1_000
const say = (line: string) => console.log(`${seconds().toFixed(0).padStart(4)} s  ${line}`)
const abort = new AbortController()
const { path: folder, storage } = makeStateFolder()

try {
  const receivers = await Receivers.open(abort.signal)
  const paths = { floor: newPath('floor'), bare: newPath('bare') }
  const open = (kind: Kind, name: string = kind) => {
    const path = kind === 'bare' ? paths.bare : paths.floor
    return Service.start({ name, kind, folder, target: `${receivers.url}${path}` }, abort.signal)
  }

  say('starting Hookline, the floor Worker and the bare one')
  const [hookline, floor, bare] = await Promise.all([open('hookline'), open('floor'), open('bare')])
  const speed = await measureSpeed(
    {
      floor: floorSubject(floor, receivers, paths.floor),
      bare: bareSubject(bare, receivers, paths.bare),
      hookline: await hooklineSubject(hookline, receivers),
    },
    say,
  )
  await Promise.all([floor.stop(), bare.stop(), hookline.stop()])

  const isolation = await measureIsolation((name) => open('hookline', name), receivers, say)

  say('starting both under the meter')
  const [metered, meteredFloor] = await Promise.all([open('metered'), open('meteredFloor')])
  const services = { hookline: metered, floor: meteredFloor, floorPath: paths.floor }
  const cost = await measureCost(services, receivers, say)
  await meteredFloor.stop()
  const growth = await measureGrowth(metered, receivers, say)
  await metered.stop()

  const at = new Date().toISOString()
  const machine = { cores: availableParallelism(), storage, seconds: Math.round(seconds()) }
  const isolationJudged = isolationVerdicts(isolation)
  const verdicts = [...speedVerdicts(speed), ...isolationJudged]
  const commit = readCommit()
  const measured = { cost, speed, isolation, growth, verdicts }
  const results: Results = { at, commit, machine, ...measured }
  const text = `${JSON.stringify(results, rounded, 2)}\n`
  writeFileSync(new URL('results.json', import.meta.url), text)
  writeMeasured()
  print(results)
  process.exitCode = isolationJudged.every(({ passed }) => passed) ? 0 : 1
} finally {
  abort.abort()
  rmSync(folder, { recursive: true, force: true })
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

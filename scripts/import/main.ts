// `npm run import`: moves what a Svix server has to Hookline (docs/moving-in.md).

import { setTimeout as sleep } from 'node:timers/promises'
import { runImport } from './command.ts'

/** Milliseconds between two lines about how far it is. */
const TELL_MS = 2_000

let toldAt = 0

process.exitCode = await runImport(process.argv.slice(2), {
  environment: process.env,
  fetch,
  sleep: async (ms) => sleep(ms),
  print: console.log,
  tell: (line) => {
    const now = Date.now()
    if (now - toldAt < TELL_MS) return
    toldAt = now
    console.error(line)
  },
})

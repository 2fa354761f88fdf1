// `npm run dev`: Hookline on this machine, at port 8787. Every flag of `wrangler dev` passes through.

import { readFileSync, writeFileSync } from 'node:fs'
import { startDevServer } from './dev-server.ts'

/** Not in .dev.vars.example: whoever deploys with the button would be asked for it, and get what nobody should. */
const LOCAL_LINES = `# "true" lets webhooks point at this machine, and the examples above be used.
ALLOW_PRIVATE_TARGETS="true"
`

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort.abort())

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  if (!abort.signal.aborted) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

async function run(flags: readonly string[]): Promise<number> {
  if (createVariables()) console.log('Created .dev.vars from .dev.vars.example.')
  console.log('Applying migrations and starting …')
  const server = await startDevServer({ flags, onLine: console.log }, abort.signal)
  console.log(`
Hookline is running at ${server.url}

  API            ${server.url}/v1          description: ${server.url}/v1/openapi.json
  administrator  authorization: Bearer <ADMIN_TOKEN from .dev.vars>
  next           the walk with curl in README.md, or npm run demo
  stop           Ctrl-C
`)
  const code = await server.ended
  return abort.signal.aborted ? 0 : (code ?? 1)
}

/** Whether there was no .dev.vars and now is. */
function createVariables(): boolean {
  try {
    const text = `${readFileSync('.dev.vars.example', 'utf8')}${LOCAL_LINES}`
    writeFileSync('.dev.vars', text, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

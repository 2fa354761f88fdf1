// `check URL`: reads the command line, runs the checks, prints the report. Returns the exit code: 0 nothing found, 1 findings, 2 usage.

import { parseArgs } from 'node:util'
import { toJsonLines, toTable } from './print.ts'
import { RUN_DEFAULTS, type RunOptions, runChecks } from './run.ts'
import { readSecret } from './signing.ts'

export const USAGE = `Usage: HOOKLINE_CHECK_SECRET=whsec_… npx hookline check URL [flags]

Sends a receiver some sixty requests, valid ones and ones to refuse, and says what it gets wrong. It handles the valid ones as
events of the type "${RUN_DEFAULTS.type}": point it at a receiver for tests.

  --type TYPE        a type that the receiver knows
  --data JSON        data of that type, an object
  --observe URL      where a GET answers how many events were handled
  --json             JSON lines instead of a table
  --yes-i-own-it     the receiver is not on this machine, and yours to check
`

/** Where nobody else's receiver is. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/

/** What the command line asks for; a sentence where it cannot be done. */
export function readCommand(
  args: readonly string[],
  secretText: string | undefined,
): { readonly options: RunOptions; readonly isJson: boolean } | string {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const { values, positionals } = parsed
  if (positionals.length !== 1) return 'Name one URL.'
  const url = toUrl(positionals[0])
  if (url === null) return 'The URL must be one of http or https.'
  const observe = values.observe === undefined ? null : toUrl(values.observe)
  if (values.observe !== undefined && observe === null)
    return '--observe must be a URL of http or https.'
  const foreign = [url, observe].find((one) => one !== null && !LOOPBACK.test(one.hostname))
  if (foreign && values['yes-i-own-it'] !== true)
    return `${foreign.hostname} is not this machine. If it is yours to check, say --yes-i-own-it.`
  if (!secretText) return 'HOOKLINE_CHECK_SECRET is missing: the whsec_… secret of the receiver.'
  const secret = readSecret(secretText)
  if (secret === null) return 'HOOKLINE_CHECK_SECRET must be "whsec_" and base64 of 24 to 64 bytes.'
  const { type = RUN_DEFAULTS.type, data = RUN_DEFAULTS.data } = values
  if (!isObject(data)) return '--data must be a JSON object.'
  return {
    options: { ...RUN_DEFAULTS, url, observe, secret, type, data },
    isJson: values.json === true,
  }
}

export async function checkReceiver(
  args: readonly string[],
  secretText: string | undefined,
): Promise<0 | 1 | 2> {
  const command = readCommand(args, secretText)
  if (typeof command === 'string') {
    console.error(`${command}\n\n${USAGE}`)
    return 2
  }
  const { options, isJson } = command
  const report = await runChecks(options)
  console.log(isJson ? toJsonLines(report) : toTable(report, options.observe !== null))
  return report.findings.length > 0 ? 1 : 0
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      type: { type: 'string' },
      data: { type: 'string' },
      observe: { type: 'string' },
      json: { type: 'boolean' },
      'yes-i-own-it': { type: 'boolean' },
    },
  })
}

function toUrl(text = ''): URL | null {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) ? url : null
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

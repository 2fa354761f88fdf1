// What `npm run import` is asked for, by its arguments and its environment. Tokens come from the environment alone: arguments are seen
// by every process of the machine.

import { asOneLine } from './printed.ts'

const USAGE = `npm run import -- svix --server URL [options]

Copies event types, applications and endpoints, with their secrets, headers and channels, from a Svix server to Hookline.
It is a dry run unless --apply is given. It may be repeated: what is the same is not written.

  --server URL   the Svix server, such as https://api.eu.svix.com
  --to URL       Hookline (http://localhost:8787)
  --app NAME     only this application, by its uid or id; may be given several times
  --apply        write
  --json         print the report as JSON

SVIX_TOKEN       a token of the Svix server
HOOKLINE_TOKEN   an operator key with tenants:read, tenants:write, webhooks:read, webhooks:list, webhooks:write, webhook-secrets:read, catalogue:write

Exit code 0: all is taken over, or would be. 2: something is not, and the report says what. 1: it broke off; repeat it.`

const DEFAULT_TARGET = 'http://localhost:8787'

/** Flags by whether a value follows them. */
const FLAGS: Readonly<Record<string, boolean>> = {
  ...{ '--server': true, '--to': true, '--app': true },
  ...{ '--apply': false, '--json': false },
}

export interface Request {
  readonly server: string
  readonly to: string
  readonly only: readonly string[]
  readonly isApplied: boolean
  readonly isJson: boolean
  readonly tokens: { readonly svix: string; readonly hookline: string }
}

/** What is asked for; a text for people where that cannot be told. */
export function readRequest(
  args: readonly string[],
  { SVIX_TOKEN, HOOKLINE_TOKEN }: Readonly<Record<string, string | undefined>>,
): Request | string {
  const read = readFlags(args)
  if (typeof read === 'string') return `${read}\n\n${USAGE}`
  const { flags, others } = read
  if (others.join(' ') !== 'svix') return `Where from? svix is all that there is.\n\n${USAGE}`
  const [server = null, to = null] = ['--server', '--to'].map((name) => {
    const [text = name === '--to' ? DEFAULT_TARGET : ''] = flags.get(name) ?? []
    return toBase(text)
  })
  if (server === null) return `--server must be the URL of a Svix server.\n\n${USAGE}`
  if (to === null) return '--to must be the URL of Hookline.'
  if (server === to) return '--server and --to are the same: nothing can move.'
  if (!SVIX_TOKEN) return 'SVIX_TOKEN is not set: it is the token of the Svix server.'
  if (!HOOKLINE_TOKEN) return 'HOOKLINE_TOKEN is not set: it is the token of an operator key.'
  return {
    ...{ server, to },
    only: flags.get('--app') ?? [],
    isApplied: flags.has('--apply'),
    isJson: flags.has('--json'),
    tokens: { svix: SVIX_TOKEN, hookline: HOOKLINE_TOKEN },
  }
}

/** Values by flag, and what is no flag; a text where something is neither. */
function readFlags(
  args: readonly string[],
):
  | { readonly flags: ReadonlyMap<string, readonly string[]>; readonly others: readonly string[] }
  | string {
  const flags = new Map<string, readonly string[]>()
  const others: string[] = []
  const left = args.values()
  for (const arg of left) {
    if (!arg.startsWith('-')) {
      others.push(arg)
      continue
    }
    const [name = '', given] = arg.split(/=(.*)/s)
    const takesValue = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined
    if (takesValue === undefined || (!takesValue && given !== undefined)) {
      return `${asOneLine(arg)} is unknown.`
    }
    const value = takesValue ? (given ?? left.next().value ?? '') : ''
    if (takesValue && value === '') return `${name} wants a value.`
    flags.set(name, [...(flags.get(name) ?? []), value])
  }
  return { flags, others }
}

/** A server's URL without `/api/v1` and slashes at its end, as an SDK takes it; null for what is none. */
function toBase(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') return null
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}`
}

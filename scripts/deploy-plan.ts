// What a deployment needs, in which order, from what wrangler says is there. Each step may be the one after which it broke
// off: the next run looks again, and finds it done. Nothing here asks anybody or writes anything.

import { isExample, MADE_BY, type SecretName } from '../src/platform/example-secrets.ts'

export const SECRET_NAMES = [
  'ADMIN_TOKEN',
  'SECRETS_KEY',
  'SIGNING_KEYS',
] as const satisfies SecretName[]

/** Without it a Worker does all but make HTTP signatures: it is made where it can be, and missed nowhere else. */
const DISPENSABLE: readonly SecretName[] = ['SIGNING_KEYS']

export type Secrets = { readonly [Name in SecretName]?: string }

export interface Facts {
  /** Names of the secrets that the Worker has; null where there is no Worker yet. */
  readonly deployed: readonly string[] | null
  readonly hasDatabase: boolean
  /** What this machine keeps of earlier runs. */
  readonly kept: Secrets
  /** What the file of `--secrets-file` has, which wrangler sends as it is; null without that flag. */
  readonly given: Secrets | null
  /** Whether what is made here stays here, so that somebody has a copy of it. */
  readonly keepsFiles: boolean
}

export type Step =
  /** Make these, and keep them before anything else happens. */
  | { readonly kind: 'make'; readonly secrets: readonly SecretName[] }
  /** Deploy the code, with these secrets of those that are kept. */
  | { readonly kind: 'deploy'; readonly secrets: readonly SecretName[] }
  | { readonly kind: 'migrate' }

export type Plan =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  /** Nothing is begun, since it could not end well. */
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * What to do. A secret that the Worker has stays as it is. Where there is a database its tables come first, so that no
 * code runs that misses some; where there is none, deploying makes it.
 */
export function planDeployment({ deployed, hasDatabase, kept, given, keepsFiles }: Facts): Plan {
  const present = [...(deployed ?? []), ...Object.keys(given ?? {})]
  const makes = keepsFiles && given === null
  const absent = SECRET_NAMES.filter(
    (name) => !present.includes(name) && (makes || !DISPENSABLE.includes(name)),
  )
  const made = absent.filter((name) => kept[name] === undefined)
  const sent = given === null ? absent : []
  const reason =
    findFlaw(given ?? {}, SECRET_NAMES) ??
    findFlaw(kept, sent) ??
    (given !== null && absent.length > 0 ? lacking(absent) : null) ??
    (!keepsFiles && made.length > 0 ? unmakeable(made) : null)
  if (reason !== null) return { kind: 'refused', reason }
  const make: readonly Step[] = made.length > 0 ? [{ kind: 'make', secrets: made }] : []
  const deploy: Step = { kind: 'deploy', secrets: sent }
  const migrate: Step = { kind: 'migrate' }
  const rest = hasDatabase ? [migrate, deploy] : [deploy, migrate]
  return { kind: 'steps', steps: [...make, ...rest] }
}

/** What a step does, as it is told before it is done. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'make':
      return `Make ${and(step.secrets)}, and keep them in .hookline/secrets`
    case 'deploy': {
      const secrets = step.secrets.length > 0 ? `, with ${and(step.secrets)}` : ''
      return `Deploy the code${secrets}, and make the database and the queues that are missing`
    }
    case 'migrate':
      return 'Bring the tables of the database up to date'
  }
}

function findFlaw(secrets: Secrets, names: readonly SecretName[]): string | null {
  for (const name of names) {
    const value = secrets[name]
    if (value === undefined) continue
    const make = `Make one with: ${MADE_BY[name]}`
    if (isExample(name, value)) return `${name} has the value of .dev.vars.example. ${make}`
    if (!FORMS[name].test(value)) return `${name} is not what it must be. ${make}`
  }
  return null
}

/** Any token without spaces; 32 bytes in base64, or several of those with commas between; 48 or 138 bytes likewise, or nothing. */
const FORMS = {
  ADMIN_TOKEN: /^\S+$/,
  SECRETS_KEY: /^[A-Za-z0-9+/]{43}=(?:,[A-Za-z0-9+/]{43}=)*$/,
  SIGNING_KEYS:
    /^$|^(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{184})(?:,(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{184}))*$/,
} as const satisfies Record<SecretName, RegExp>

function lacking(names: readonly SecretName[]): string {
  return `The Worker does not have ${and(names)}, and neither does the file of --secrets-file.`
}

function unmakeable(names: readonly SecretName[]): string {
  return (
    `The Worker does not have ${and(names)}, and what a build makes is lost with it. Deploy the first time ` +
    'from a machine of your own, name a file that has them (--secrets-file), or give them to the Worker under ' +
    'Settings, Variables and Secrets, and build again.'
  )
}

function and(names: readonly string[]): string {
  return names.join(', ').replace(/, (?!.*, )/, ' and ')
}

/** What a command said and how it ended. */
export interface Run {
  readonly stdout: string
  readonly stderr: string
  /** Null for a command that a signal ended. */
  readonly status: number | null
}

/** Names of the Worker's secrets from `wrangler secret list`; null without a Worker. Throws where that is not known. */
export function readSecretList(run: Run): readonly string[] | null {
  if (run.status === 0) return readList(run.stdout, 'name')
  // In the words of wrangler 4.156.2 (secretListCommand).
  if (/Worker "[^"]*"(?: \(env: [^)]*\))? not found\./.test(run.stderr + run.stdout)) return null
  throw new Error(`wrangler secret list ended with ${run.status}:\n${run.stderr}${run.stdout}`)
}

export interface Database {
  readonly name: string
  /** Null where wrangler finds the database by its name. */
  readonly id: string | null
}

/** The database that a configuration binds as DB, which wrangler needs a name or an id of. */
export function readDatabase(configuration: unknown): Database {
  const databases = memberOf(configuration, 'd1_databases')
  const bound: unknown = Array.isArray(databases)
    ? databases.find((one) => memberOf(one, 'binding') === 'DB')
    : undefined
  const [name, id] = [memberOf(bound, 'database_name'), memberOf(bound, 'database_id')]
  if (typeof name !== 'string') throw new Error('The configuration names no database for DB.')
  return { name, id: typeof id === 'string' ? id : null }
}

/** Whether `wrangler d1 list` has the database of the configuration. Throws where that is not known. */
export function readDatabaseList(run: Run, { name, id }: Database): boolean {
  if (run.status === 0) {
    return id === null
      ? readList(run.stdout, 'name').includes(name)
      : readList(run.stdout, 'uuid').includes(id)
  }
  throw new Error(`wrangler d1 list ended with ${run.status}:\n${run.stderr}${run.stdout}`)
}

/** One member of each object of a printed array. */
function readList(stdout: string, member: string): readonly string[] {
  const start = stdout.search(/^\[/m)
  const list: unknown = start < 0 ? null : JSON.parse(stdout.slice(start))
  if (!Array.isArray(list)) throw new Error(`wrangler printed no list:\n${stdout}`)
  return list.map((entry: unknown) => {
    const value = memberOf(entry, member)
    if (typeof value === 'string') return value
    throw new Error(`wrangler printed a list whose entries have no ${member}:\n${stdout}`)
  })
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Secrets of a file with a line `NAME=value` for each, as `openssl` and `npm run deploy` fill it, or of JSON. */
export function readSecrets(text: string): Secrets {
  const lines = text.trimStart().startsWith('{') ? readObject(text) : readLines(text)
  return Object.fromEntries(
    SECRET_NAMES.flatMap((name) => {
      const value = lines.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function readObject(text: string): ReadonlyMap<string, string> {
  const object: unknown = JSON.parse(text)
  return new Map(
    SECRET_NAMES.flatMap((name) => {
      const value = memberOf(object, name)
      return typeof value === 'string' ? [[name, value] as const] : []
    }),
  )
}

function readLines(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/^\s*(?:export\s+)?(\w+)\s*=\s*(["']?)(.*?)\2\s*$/gm)].map(
      ([, name = '', , value = '']) => [name, value] as const,
    ),
  )
}

export interface Deployed {
  /** False where wrangler asked whether to go on and was told not to, with which it ends well. */
  readonly isDeployed: boolean
  /** Where it answers; null where wrangler tells no address that is one. */
  readonly address: string | null
}

/** What came of `wrangler deploy`, from the file that it writes for programs (WRANGLER_OUTPUT_FILE_PATH). */
export function readDeployed(output: string): Deployed {
  const entries = output.split('\n').flatMap((line): unknown[] => (line ? [JSON.parse(line)] : []))
  const entry = entries.findLast((one) => memberOf(one, 'type') === 'deploy')
  const targets = memberOf(entry, 'targets')
  return {
    isDeployed: typeof memberOf(entry, 'version_id') === 'string',
    address: Array.isArray(targets) ? findAddress(targets.map(String)) : null,
  }
}

/** A domain of one's own before workers.dev; routes, queues and schedules are targets as well. */
function findAddress(targets: readonly string[]): string | null {
  const domain = targets.find((target) => / \(custom domain\b/.test(target))
  if (domain !== undefined) return `https://${domain.replace(/ \(.*/, '')}`
  return targets.find((target) => target.startsWith('https://')) ?? null
}

/** What to do next, for whoever has just deployed. */
export function describeFirstCall(address: string | null, hasToken: boolean): string {
  const url = address ?? 'https://<address>'
  const where = address === null ? 'Hookline is deployed.' : `Hookline is deployed at ${address}`
  // Not the token itself: what is on a screen is in logs and recordings.
  const token = hasToken ? "$(sed -n 's/^ADMIN_TOKEN=//p' .hookline/secrets)" : '<ADMIN_TOKEN>'
  const [first, second] = [
    `curl ${url}/v1/health`,
    `curl ${url}/v1/tenants -H "authorization: Bearer ${token}" -d '{"name": "Acme"}'`,
  ]
  const lines = [
    ...['', where, ''],
    ...[`  is it well?     ${first}`, `  first tenant    ${second}`],
    '  next            "A walk with curl" in README.md, with this address and token',
  ]
  return lines.join('\n')
}

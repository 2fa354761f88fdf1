// `npm run deploy`: Hookline in a Cloudflare account, the first time or again, from a machine or in a build (Workers Builds).
// It can be run again wherever it broke off. Flags pass through to `wrangler deploy`; with --dry-run it says what it would
// do, compiles, and asks nobody.

import { spawn } from 'node:child_process'
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { unstable_readConfig } from 'wrangler'
import type { SecretName } from '../src/platform/example-secrets.ts'
import {
  type Database,
  type Deployed,
  describeFirstCall,
  describeStep,
  type Facts,
  planDeployment,
  type Run,
  readDatabase,
  readDatabaseList,
  readDeployed,
  readSecretList,
  readSecrets,
  SECRET_NAMES,
  type Secrets,
  type Step,
} from './deploy-plan.ts'
import { flagOf, readFlag } from './flags.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const WRANGLER = `${ROOT}node_modules/wrangler/bin/wrangler.js`
const FOLDER = `${ROOT}.hookline`
const SECRETS_FILE = `${FOLDER}/secrets`

/** Whether somebody is there to answer a question, and whether files outlive this run. */
const { CI, WORKERS_CI, WRANGLER_CI_OVERRIDE_NAME } = process.env
const isBuild = Boolean(CI || WORKERS_CI)
const isAnswered = Boolean(process.stdin.isTTY && process.stdout.isTTY) && !isBuild

const MAKE = {
  ADMIN_TOKEN: () => randomBytes(32).toString('hex'),
  SECRETS_KEY: () => randomBytes(32).toString('base64'),
  SIGNING_KEYS: () =>
    [generateKeyPairSync('ed25519'), generateKeyPairSync('ec', { namedCurve: 'P-256' })]
      .map(({ privateKey }) => toPkcs8(privateKey))
      .join(','),
} as const

const flags = process.argv.slice(2)
/** Which Worker of which configuration, for every command but `deploy`, which takes all flags. */
const scope = ['--config', '-c', '--env', '-e'].flatMap((name) => flagOf(flags, name))

// Ctrl-C ends wrangler, which says so, and then this: what was written for it has to go.
process.on('SIGINT', () => {})

try {
  if (flags.includes('--dry-run')) await rehearse()
  else await run()
} catch (error) {
  console.error(`\n✗ ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function run(): Promise<void> {
  await logIn()
  console.log('Looking at what the account has …')
  const plan = planDeployment(await look())
  if (plan.kind === 'refused') throw new Error(plan.reason)
  let deployed: Deployed | null = null
  for (const [index, step] of plan.steps.entries()) {
    console.log(`\n${index + 1} of ${plan.steps.length}: ${describeStep(step)} …`)
    deployed = (await take(step)) ?? deployed
  }
  console.log(describeFirstCall(deployed?.address ?? null, 'ADMIN_TOKEN' in readKept()))
  if (existsSync(SECRETS_FILE)) {
    console.log(
      '\nKeep .hookline/secrets somewhere safe (git ignores it): nothing else can tell its SECRETS_KEY again.',
    )
  }
}

/** Says what is done the first time and later, and has wrangler compile the code. */
async function rehearse(): Promise<void> {
  const nothing = { kept: {}, given: null, keepsFiles: true }
  const cases: readonly (readonly [when: string, facts: Facts])[] = [
    ['The first time', { ...nothing, deployed: null, hasDatabase: false }],
    ['Later', { ...nothing, deployed: SECRET_NAMES, hasDatabase: true }],
  ]
  for (const [when, facts] of cases) {
    const plan = planDeployment(facts)
    const steps = plan.kind === 'steps' ? plan.steps.map(describeStep) : [plan.reason]
    console.log(`${when}:\n${steps.map((step, index) => `  ${index + 1}. ${step}`).join('\n')}\n`)
  }
  await show(['deploy', ...flags], { CLOUDFLARE_CF_FETCH_ENABLED: 'false' })
}

/** Where nobody can answer, what wrangler says about a missing login says what to do. */
async function logIn(): Promise<void> {
  if (!isAnswered) return
  const { stdout } = await ask(['whoami', '--json'])
  if (!/"loggedIn":\s*false/.test(stdout)) return
  console.log('Logging in to Cloudflare …')
  await show(['login'])
}

async function look(): Promise<Facts> {
  const override = WRANGLER_CI_OVERRIDE_NAME ? ['--name', WRANGLER_CI_OVERRIDE_NAME] : []
  const named = flagOf(flags, '--name')
  const secrets = await ask(['secret', 'list', ...scope, ...(named.length > 0 ? named : override)])
  const databases = await ask(['d1', 'list', '--json', ...scope])
  const given = readFlag(flags, '--secrets-file')
  return {
    deployed: readSecretList(secrets),
    hasDatabase: readDatabaseList(databases, database()),
    kept: readKept(),
    given: given === null ? null : readSecrets(readFileSync(given, 'utf8')),
    keepsFiles: !isBuild,
  }
}

/** The database that the configuration binds. */
function database(): Database {
  const config = readFlag(flags, '--config') ?? readFlag(flags, '-c') ?? `${ROOT}wrangler.toml`
  const env = readFlag(flags, '--env') ?? readFlag(flags, '-e') ?? undefined
  return readDatabase(unstable_readConfig({ config, env }, { hideWarnings: true }))
}

async function take(step: Step): Promise<Deployed | null> {
  switch (step.kind) {
    case 'make':
      keep(Object.fromEntries(step.secrets.map((name) => [name, MAKE[name]()])))
      return null
    case 'migrate':
      await show(['d1', 'migrations', 'apply', 'DB', '--remote', ...scope], {}, 'ignore')
      return null
    case 'deploy':
      return deploy(readKept(), step.secrets)
  }
}

function toPkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'der' }).toString('base64')
}

function readKept(): Secrets {
  return existsSync(SECRETS_FILE) ? readSecrets(readFileSync(SECRETS_FILE, 'utf8')) : {}
}

/** Adds lines to the file of secrets, all or none, before anything is told that they are secrets. */
function keep(made: Readonly<Record<string, string>>): void {
  const before = existsSync(SECRETS_FILE) ? readFileSync(SECRETS_FILE, 'utf8').trimEnd() : ''
  const lines = Object.entries(made).map(([name, value]) => `${name}=${value}\n`)
  const whole = `${before === '' ? '' : `${before}\n`}${lines.join('')}`
  writePrivately(`${SECRETS_FILE}.new`, whole)
  renameSync(`${SECRETS_FILE}.new`, SECRETS_FILE)
}

/** Deploys the code and these secrets as one: there is no moment at which it runs without them. */
async function deploy(kept: Secrets, names: readonly SecretName[]): Promise<Deployed> {
  const sent = `${FOLDER}/sent-${process.pid}.json`
  // Workers Builds may read the same file, or all of a folder.
  const { WRANGLER_OUTPUT_FILE_PATH: path, WRANGLER_OUTPUT_FILE_DIRECTORY: folder } = process.env
  const own = `${FOLDER}/output-${process.pid}.json`
  const output = path ?? (folder ? `${folder}/wrangler-output-${process.pid}.json` : own)
  try {
    // JSON: in a file of lines wrangler would replace what begins with a dollar, and prefer what its environment has.
    writePrivately(
      sent,
      JSON.stringify(Object.fromEntries(names.map((name) => [name, kept[name]]))),
    )
    const file = names.length > 0 ? ['--secrets-file', sent] : []
    await show(['deploy', ...flags, ...file], { WRANGLER_OUTPUT_FILE_PATH: output })
    const deployed = readDeployed(readFileSync(output, 'utf8'))
    if (!deployed.isDeployed) throw new Error('Nothing was deployed: wrangler was told not to.')
    return deployed
  } finally {
    rmSync(sent, { force: true })
    rmSync(own, { force: true })
  }
}

function writePrivately(path: string, content: string): void {
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 })
  writeFileSync(path, content, { mode: 0o600 })
}

/** Runs wrangler for what it answers. */
async function ask(args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...process.env, FORCE_COLOR: '0', WRANGLER_HIDE_BANNER: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { stdout, stderr, status: typeof code === 'number' ? code : null }
}

/** Runs wrangler where its user sees it, and can answer unless `stdin` says otherwise. Throws unless it ends well. */
async function show(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  stdin: 'inherit' | 'ignore' = 'inherit',
): Promise<void> {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_HIDE_BANNER: 'true', ...environment },
    stdio: [stdin, 'inherit', 'inherit'],
  })
  const [code, signal] = await once(child, 'exit')
  if (code === 0) return
  throw new Error(
    `wrangler ${args[0]} ended with ${code ?? signal}. What was done before stays; npm run deploy goes on from there.`,
  )
}

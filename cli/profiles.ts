// Where Hookline is, and who asks: from the environment, or from a file that only its owner can read. Never from arguments, which
// every process of the machine sees.

import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { EXIT, Failure, read } from './failure.ts'

const LOCAL_URL = 'http://localhost:8787'
const DEFAULT_PROFILE = 'default'

export interface Profile {
  /** Without `/v1`. */
  readonly url: string
  readonly token: string
  /** Of an operator key: for which tenant it asks, by its id or uid. */
  readonly tenant?: string | undefined
}

const Profile = z.object({ url: z.string(), token: z.string(), tenant: z.string().optional() })
const Credentials = z.object({ profiles: z.record(z.string(), Profile) })

export interface Asked {
  readonly profile?: string | undefined
  readonly tenant?: string | undefined
}

/** Of Hookline, in the user's folder for such (XDG Base Directory Specification). */
export function configFolder(): string {
  const base = process.env.XDG_CONFIG_HOME || join(homedir(), '.config')
  return join(base, 'hookline')
}

const fileOfCredentials = () => join(configFolder(), 'credentials.json')

/**
 * The profile that a command was called with. `HOOKLINE_TOKEN` goes before the file, unless a profile was named; a token made for a
 * Svix client is taken from where those look for it. Throws `Failure`.
 */
export function findProfile({ profile: named, tenant: asked }: Asked): Profile {
  const { env } = process
  const tenant = asked ?? (env.HOOKLINE_TENANT || undefined)
  const token = env.HOOKLINE_TOKEN || env.SVIX_AUTH_TOKEN
  if (token && named === undefined && !env.HOOKLINE_PROFILE) {
    // A token of Hookline's own does not go to where Svix is.
    const other = env.HOOKLINE_TOKEN ? undefined : env.SVIX_SERVER_URL
    return { url: addressOf(env.HOOKLINE_URL || other || LOCAL_URL), token, tenant }
  }
  const name = profileName(named)
  const { profiles = {} } = readCredentials() ?? {}
  const known = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (known === undefined) {
    const login = name === DEFAULT_PROFILE ? 'hookline login' : `hookline login --profile ${name}`
    const message = `There is no token: set HOOKLINE_TOKEN, or run \`${login}\`.`
    throw new Failure(message, EXIT.usage)
  }
  const url = env.HOOKLINE_URL ? addressOf(env.HOOKLINE_URL) : known.url
  if (url !== known.url && new URL(url).origin !== new URL(known.url).origin) {
    const message = `The token of the profile ${name} is for ${known.url}, and HOOKLINE_URL is ${url}: it goes to nobody else.`
    throw new Failure(message, EXIT.usage)
  }
  return { ...known, url, tenant: tenant ?? known.tenant }
}

/** Of the profile that is used: the one that a command names, or the environment. */
export function profileName(named: string | undefined): string {
  return named ?? (process.env.HOOKLINE_PROFILE || DEFAULT_PROFILE)
}

/** Keeps a profile; the file is its owner's alone. Returns where it is. */
export function saveProfile(profile: Profile, name: string): string {
  const file = fileOfCredentials()
  const { profiles = {} } = readCredentials() ?? {}
  writeOwn(file, `${JSON.stringify({ profiles: { ...profiles, [name]: profile } }, null, 2)}\n`)
  return file
}

/** Writes a file that nobody else can read, whole or not at all. */
export function writeOwn(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}`
  writeFileSync(beside, text, { mode: 0o600 })
  // The mode counts only for a file that is made.
  chmodSync(beside, 0o600)
  renameSync(beside, file)
}

/** The text of a file; null: there is none. */
export function readOwn(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function readCredentials(): z.output<typeof Credentials> | null {
  const file = fileOfCredentials()
  let text: string | null
  try {
    text = readOwn(file)
  } catch (cause) {
    throw new Failure(`${file} cannot be read`, EXIT.usage, { cause })
  }
  if (text === null) return null
  const mode = statSync(file).mode & 0o777
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
    const message = `${file} can be read by others (its mode is ${mode.toString(8)}). Run \`chmod 600 ${file}\`, and replace its tokens if somebody may have read them.`
    throw new Failure(message, EXIT.usage)
  }
  return read(Credentials, text, (why) => new Failure(`${file} is damaged: ${why}`, EXIT.usage))
}

/** The address of a deployment as somebody writes it, with or without a path of its API. Throws `Failure`. */
export function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new Failure(`Not the address of a deployment: ${text}`, EXIT.usage)
  }
  return `${url.origin}${url.pathname.replace(/\/(?:api\/)?v1\/?$/, '').replace(/\/$/, '')}`
}

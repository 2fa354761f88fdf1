// The deployment's variables, read once from the bindings.

import { readShardSchedule, type ShardSchedule } from '../engine/model/index.ts'
import type { Settings } from '../engine/ports/index.ts'
import { readSigningKeys } from '../engine/signing/index.ts'
import { WEBHOOK } from '../limits.ts'
import { FIRST_ATTEMPTS, INVOCATION } from '../tuning.ts'
import type { Bindings } from './bindings.ts'
import { oncePerEnv } from './once-per-env.ts'
import { type TargetPolicy, toOwnHost } from './target-policy/check-target.ts'

/** Texts among the bindings that are the platform's alone. */
const SECRETS: ReadonlySet<string> = new Set([
  'ADMIN_TOKEN',
  'SECRETS_KEY',
  'SIGNING_KEYS',
] satisfies (keyof Bindings)[])

/** Throws for a variable that cannot be meant: a deployment with it should not start quietly. */
export function readSettings(
  env: Pick<
    Bindings,
    | 'DELAY_SCALE'
    | 'WEBHOOKS_PER_TENANT'
    | 'FAN_OUT'
    | 'FIRST_ATTEMPTS'
    | 'EVENT_LOG_SHARDS'
    | 'UNLISTED_EVENT_TYPES'
    | 'PUBLIC_URL'
    | 'OWN_HOSTS'
    | 'SIGNING_KEYS'
  >,
): Settings {
  const delayScale = Number(env.DELAY_SCALE || '1')
  if (!(delayScale > 0)) throw new Error('DELAY_SCALE must be a number greater than 0.')
  return {
    delayScale,
    webhooksPerTenant: readCount(env, 'WEBHOOKS_PER_TENANT', WEBHOOK.perTenant),
    fanOut: readCount(env, 'FAN_OUT', INVOCATION.fanOut),
    firstAttempts: readCount(env, 'FIRST_ATTEMPTS', FIRST_ATTEMPTS.most, 0),
    shards: readShards(env),
    unlistedEventTypes: readUnlisted(env),
    publicHost: readPublicHost(env),
    httpSigning: {
      // What is malformed there keeps nothing waiting that does not need it.
      ...readSigningKeys(env.SIGNING_KEYS ?? ''),
      agent: URL.parse(env.PUBLIC_URL ?? '')?.origin ?? null,
    },
    variables: readVariables(env),
  }
}

/** How many shards event logs have. Throws for what cannot be meant. */
export function readShards({
  EVENT_LOG_SHARDS,
}: Pick<Bindings, 'EVENT_LOG_SHARDS'>): ShardSchedule {
  const shards = readShardSchedule(EVENT_LOG_SHARDS || '1')
  if (shards !== null) return shards
  throw new Error(
    'EVENT_LOG_SHARDS must be an integer from 1 to 32, which others may follow, each with a time at least two days later, such as "1, 4 from 2026-12-01T10:00Z".',
  )
}

/** Of PUBLIC_URL, or else the first of OWN_HOSTS. */
function readPublicHost({
  PUBLIC_URL,
  OWN_HOSTS,
}: Pick<Bindings, 'PUBLIC_URL' | 'OWN_HOSTS'>): string | null {
  const [first = ''] = (OWN_HOSTS ?? '').split(',')
  return URL.parse(PUBLIC_URL ?? '')?.host ?? (first.trim() || null)
}

function readUnlisted({
  UNLISTED_EVENT_TYPES,
}: Pick<Bindings, 'UNLISTED_EVENT_TYPES'>): Settings['unlistedEventTypes'] {
  const value = UNLISTED_EVENT_TYPES || 'allow'
  if (value === 'allow' || value === 'forbid') return value
  throw new Error('UNLISTED_EVENT_TYPES must be "allow" or "forbid".')
}

/** `readSettings`, once. */
export const settingsOf = oncePerEnv(readSettings)

function readCount<Name extends string>(
  env: Readonly<Record<Name, string>>,
  name: Name,
  otherwise: number,
  least = 1,
): number {
  const count = Number(env[name] || otherwise)
  if (Number.isInteger(count) && count >= least) return count
  throw new Error(`${name} must be an integer of at least ${least}.`)
}

interface TargetSettings {
  readonly policy: TargetPolicy
  /** Who is asked what a host resolves to; null is nobody. */
  readonly resolverUrl: string | null
}

/** What may be a target. Throws for a variable that cannot be meant. */
export function readTargetSettings(
  env: Pick<Bindings, 'ALLOW_PRIVATE_TARGETS' | 'OWN_HOSTS' | 'DNS_CHECK_URL'>,
): TargetSettings {
  const named = (env.OWN_HOSTS ?? '').split(',').flatMap((entry) => entry.trim() || [])
  const ownHosts = named.map((entry) => {
    const host = toOwnHost(entry)
    if (host === null) throw new Error('OWN_HOSTS must be a comma-separated list of host names.')
    return host
  })
  const resolverUrl = env.DNS_CHECK_URL || null
  if (resolverUrl !== null && URL.parse(resolverUrl)?.protocol !== 'https:') {
    throw new Error('DNS_CHECK_URL must be an https URL.')
  }
  const allowPrivate = env.ALLOW_PRIVATE_TARGETS === 'true'
  return { policy: { allowPrivate, ownHosts: new Set(ownHosts) }, resolverUrl }
}

/** `readTargetSettings`, once. */
export const targetSettingsOf = oncePerEnv(readTargetSettings)

/** Every variable by name, for what a dialect lets be configured; the secrets are not among them. */
function readVariables(env: object): Settings['variables'] {
  const bindings: readonly (readonly [name: string, value: unknown])[] = Object.entries(env)
  return Object.fromEntries(
    bindings.flatMap(([name, value]) =>
      typeof value === 'string' && !SECRETS.has(name) ? [[name, value] as const] : [],
    ),
  )
}

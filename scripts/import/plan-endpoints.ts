// What becomes of the endpoints of one application. Secrets are taken over as they are, so that a receiver verifies requests of both
// services with what it has.

import { EndpointIn } from '../../src/dialects/svix/schema/endpoint.ts'
import { checkHeader } from '../../src/engine/attempt/header-policy.ts'
import { SIGNING, WEBHOOK } from '../../src/limits.ts'
import { checkTarget } from '../../src/platform/target-policy/check-target.ts'
import type { Write } from './api.ts'
import { changesOf, flawIn, type Item, keep, leave, matchByUid, shorten, uidFor } from './plan.ts'
import type { Endpoint } from './shapes.ts'

/** What a secret of each kind must be, and the bytes that its key may have. */
const SECRETS = [
  {
    prefix: 'whsec_',
    isSize: (size: number) => size >= SIGNING.minHmacBytes && size <= SIGNING.maxHmacBytes,
  },
  { prefix: 'whsk_', isSize: (size: number) => size === 32 || size === 64 },
] as const

/** Why requests cannot be signed with a secret of Svix; null when they can. The sentence does not show it. */
export function flawInSecret(secret: string): string | null {
  if (secret.startsWith('whpk_')) {
    return 'it signs with an asymmetric key, of which Svix tells the public half alone: make it by hand, and give its receiver the new public key'
  }
  const whole = withPrefix(secret)
  const kind = SECRETS.find(({ prefix }) => whole.startsWith(prefix))
  const bytes = kind && bytesOf(whole.slice(kind.prefix.length))
  if (kind && bytes !== null && bytes !== undefined && kind.isSize(bytes)) return null
  return `its secret is not the base64 of ${SIGNING.minHmacBytes} to ${SIGNING.maxHmacBytes} bytes: a receiver's library might not verify what Hookline signs with it`
}

/** How many bytes a text is the base64 of; null for one that no encoder writes. */
function bytesOf(text: string): number | null {
  try {
    const bytes = atob(text)
    return btoa(bytes) === text ? bytes.length : null
  } catch {
    return null
  }
}

const withPrefix = (secret: string) => (secret.includes('_') ? secret : `whsec_${secret}`)

/** What becomes of each endpoint. `refused`: event types that Hookline does not take. */
export function planEndpoints(
  application: string,
  source: readonly Endpoint[],
  target: readonly Endpoint[],
  refused: ReadonlySet<string>,
): readonly Item[] {
  const matches = matchByUid(source, target)
  const items = source.map((endpoint) => {
    const name = `${application} / ${uidFor(endpoint)}`
    const match = matches.get(endpoint) ?? null
    if (match === null) {
      return leave('endpoint', name, `another endpoint has the uid ${uidFor(endpoint)}`)
    }
    const flaw = flawInEndpoint(endpoint, refused)
    if (flaw !== null) return leave('endpoint', name, flaw)
    const plan = match.current ? planChange(endpoint, match.current) : planNew(endpoint)
    return { kind: 'endpoint', name, ...plan } as const
  })
  const matched = new Set([...matches.values()].map((match) => match?.current))
  const extras = target
    .filter((endpoint) => !matched.has(endpoint))
    .map((endpoint) => keep('endpoint', `${application} / ${uidFor(endpoint)}`))
  return [...items, ...extras]
}

function flawInEndpoint(endpoint: Endpoint, refused: ReadonlySet<string>): string | null {
  const type = endpoint.eventTypes?.find((name) => refused.has(name))
  if (type !== undefined) return `it is for the event type ${type}, which is not taken over`
  // Whether private hosts are allowed is the deployment's to say.
  const flaw = checkTarget(endpoint.url, { allowPrivate: true, ownHosts: new Set() })
  if (flaw !== null) return `url: ${flaw.replace(/\.$/, '')}`
  return flawInSecret(endpoint.secret) ?? flawIn(EndpointIn, toBody(endpoint))
}

/** Names and values that Hookline sends, and sentences about those that it does not. */
function splitHeaders({ headers }: Endpoint) {
  const all = Object.entries(headers).map(([name, value]) => ({
    ...{ name, value, flaw: checkHeader(name, value) },
  }))
  const legal = all.filter(({ flaw }) => flaw === null)
  return {
    legal: Object.fromEntries(legal.map(({ name, value }) => [name, value])),
    refused: all.flatMap(({ flaw }) => (flaw === null ? [] : [flaw.replace(/\.$/, '')])),
  }
}

const describe = ({ description }: Endpoint) =>
  shorten('description', description, WEBHOOK.descriptionChars)

/** What of an endpoint stands in its own fields; names of types and channels in one order. */
const toFields = (endpoint: Endpoint) => ({
  url: endpoint.url,
  uid: uidFor(endpoint),
  description: describe(endpoint).text,
  disabled: endpoint.disabled,
  eventTypes: endpoint.eventTypes?.toSorted() ?? null,
  channels: endpoint.channels?.toSorted() ?? null,
  metadata: endpoint.metadata,
})

const toBody = (endpoint: Endpoint) => ({
  ...toFields(endpoint),
  ...(endpoint.throttleRate !== null && { throttleRate: endpoint.throttleRate }),
  secret: withPrefix(endpoint.secret),
  headers: splitHeaders(endpoint).legal,
})

function planNew(endpoint: Endpoint): Omit<Item, 'kind' | 'name'> {
  const write: Write = { method: 'POST', path: '/endpoint', body: toBody(endpoint) }
  const untaken = untakenOf(endpoint, endpoint.sensitive)
  return { action: 'create', changes: [], untaken, writes: [write] }
}

function planChange(endpoint: Endpoint, current: Endpoint): Omit<Item, 'kind' | 'name'> {
  const path = `/endpoint/${current.id}`
  const rated = (one: Endpoint) => ({ ...toFields(one), throttleRate: one.throttleRate })
  const fields = changesOf(rated(endpoint), rated(current))
  const headers = changedHeaders(endpoint, current)
  const isRotated = withPrefix(endpoint.secret) !== withPrefix(current.secret)
  const writes: Write[] = []
  if (isRotated) {
    // The former one goes on signing for a day, as after a rotation at Svix.
    const body = { key: withPrefix(endpoint.secret) }
    writes.push({ method: 'POST', path: `${path}/secret/rotate`, body })
  }
  if (headers.names.length > 0) {
    writes.push({ method: 'PATCH', path: `${path}/headers`, body: { headers: headers.patch } })
  }
  // Last, since a URL may be refused: by then its requests are signed as they should.
  if (Object.keys(fields).length > 0) writes.push({ method: 'PATCH', path, body: fields })
  const changes = [
    ...Object.keys(fields),
    ...(isRotated ? ['secret'] : []),
    ...headers.names.map((name) => `header ${name}`),
  ]
  const present = new Set(
    [...Object.keys(current.headers), ...current.sensitive].map((name) => name.toLowerCase()),
  )
  const missing = endpoint.sensitive.filter((name) => !present.has(name.toLowerCase()))
  const action = writes.length > 0 ? 'change' : 'same'
  return { action, changes, untaken: untakenOf(endpoint, missing), writes }
}

/** Headers to set, and null for those to remove. What is sensitive at Svix was set by hand, and stays. */
function changedHeaders(endpoint: Endpoint, current: Endpoint) {
  const byLower = (headers: Readonly<Record<string, string>>) =>
    new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const { legal } = splitHeaders(endpoint)
  const [before, after] = [byLower(current.headers), byLower(legal)]
  const kept = new Set(endpoint.sensitive.map((name) => name.toLowerCase()))
  const set = Object.entries(legal).filter(
    ([name, value]) => before.get(name.toLowerCase()) !== value,
  )
  const gone = Object.keys(current.headers).filter((name) => {
    const lower = name.toLowerCase()
    return !after.has(lower) && !kept.has(lower)
  })
  const patch: Record<string, string | null> = {
    ...Object.fromEntries(set),
    ...Object.fromEntries(gone.map((name) => [name, null])),
  }
  return { patch, names: Object.keys(patch) }
}

function untakenOf(endpoint: Endpoint, missing: readonly string[]): readonly string[] {
  const { isTransformed } = endpoint
  return [
    ...missing.map((name) => `header ${name}: Svix does not show its value; set it by hand`),
    ...splitHeaders(endpoint).refused,
    ...describe(endpoint).untaken,
    ...(isTransformed
      ? ['its transformation: Hookline sends the payload as it was published']
      : []),
  ]
}

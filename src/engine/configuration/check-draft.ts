// What of a draft is refused before it is stored. In: a draft, and the webhook as it is; out: nothing, or an error that names
// the field.

import { invalid } from '../../errors.ts'
import { checkHeaders } from '../attempt/header-policy.ts'
import { secretsIn, withPlace } from '../expressions/compile.ts'
import {
  batchOf,
  expressionsOf,
  type HttpSignature,
  type HttpSigning,
  isPull,
  NO_EXPRESSIONS,
  orderOf,
  sourcesOf,
  type Webhook,
  type WebhookDraft,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { headersOfSignature, keyFor, validateSecret } from '../signing/index.ts'

/**
 * Refuses what no delivery could be made with: targets the address policy forbids, illegal headers, secrets that
 * cannot sign. What was configured before is not asked about again.
 */
export function checkDraft(
  draft: WebhookDraft,
  current: Webhook | null,
  {
    checkTarget,
    dialectRuntimes,
    settings,
  }: Pick<Ports, 'checkTarget' | 'dialectRuntimes' | 'settings'>,
): void {
  for (const { path, url } of newTargets(draft, current)) refuse(path, checkTarget(url))
  checkPull(draft, current)
  checkBatch(draft, current, dialectRuntimes)
  checkHttpSignature(draft, current, settings)
  if (draft.expressions !== undefined || draft.secrets !== current?.secrets) {
    const missing = findMissingValue(draft, current)
    if (missing !== undefined) {
      const message = `There is no secret value of the name ${JSON.stringify(missing.name)}.`
      refuse(missing.field, withPlace(message, missing.source, missing.position))
    }
  }
  if (draft.secrets === current?.secrets) return
  refuse(['headers'], checkHeaders(draft.secrets.headers))
  for (const { secret } of draft.secrets.signing) refuse(['secret'], validateSecret(secret))
}

/** Of a webhook to which nothing is sent: it stays one, and has nothing that is about sending. */
function checkPull(draft: WebhookDraft, current: Webhook | null): void {
  if (current !== null && isPull(current) && !isPull(draft)) {
    refuse(['url'], 'A pull webhook has no URL. Create another webhook to have events sent.')
  }
  if (!isPull(draft)) {
    const isGiven = draft.deleteAfterIdleSeconds != null
    refuse(['deleteAfterIdleSeconds'], isGiven ? 'Only a pull webhook has one.' : null)
    return
  }
  const {
    rate,
    order,
    batch,
    paused,
    failureHandling,
    verificationMethod,
    expressions = {},
  } = draft
  const isHandled = failureHandling !== null && failureHandling !== current?.failureHandling
  const { path = null, query = {} } = expressions
  const stray: readonly (readonly [field: string, isGiven: boolean])[] = [
    ['rate', rate !== undefined && rate !== null],
    ['order', order !== undefined && order !== null],
    ['batch', batch !== undefined && batch !== null],
    ['paused', paused === true],
    ['verification', Boolean(verificationMethod)],
    ['httpSignature', Boolean(draft.httpSignature)],
    ['failureHandling', isHandled],
    ['pathExpression', path !== null],
    ['queryExpressions', Object.keys(query).length > 0],
  ]
  for (const [field, isGiven] of stray) {
    refuse([field], isGiven ? 'A pull webhook has none: nothing is sent to it.' : null)
  }
}

/** Of a webhook whose events go together: each is part of a request, which has one URL, one set of headers and no place in an order. */
function checkBatch(
  draft: WebhookDraft,
  current: Webhook | null,
  dialectRuntimes: Ports['dialectRuntimes'],
): void {
  const present = current ?? {}
  const batch = draft.batch === undefined ? batchOf(present) : draft.batch
  if (batch === null) return
  const runtime = dialectRuntimes(draft.dialect)
  if (draft.batch && runtime !== null && runtime.wire.together === undefined) {
    refuse(['batch'], 'The format of this webhook has no place for several events.')
  }
  const order = draft.order === undefined ? orderOf(present) : draft.order
  const known = current === null ? NO_EXPRESSIONS : expressionsOf(current)
  const { headers, path, query, format } = { ...known, ...draft.expressions }
  if (format === 'cloudevents-binary') {
    const why = 'Several events have no binary mode: with a `batch` the format is `cloudevents`.'
    refuse([draft.batch ? 'batch' : 'format'], why)
  }
  const strange: readonly (readonly [field: string, isGiven: boolean])[] = [
    ['order', order !== null],
    ['headerExpressions', Object.keys(headers).length > 0],
    ['pathExpression', path !== null],
    ['queryExpressions', Object.keys(query).length > 0],
  ]
  for (const [field, isGiven] of strange) {
    const why = `A webhook with a \`batch\` has no \`${field}\`: its requests are of several events.`
    refuse([draft.batch ? 'batch' : field], isGiven ? why : null)
  }
}

/** Of a webhook whose requests have an HTTP signature: there is a key for it, and no header of its owner's stands where one of its own does. */
function checkHttpSignature(
  { httpSignature, secrets, expressions }: WebhookDraft,
  current: Webhook | null,
  { httpSigning }: Ports['settings'],
): void {
  if (!httpSignature) return
  const isNew = httpSignature !== current?.httpSignature
  if (isNew && keyFor(httpSignature, httpSigning) === null) {
    refuse(['httpSignature'], withoutKey(httpSignature, httpSigning))
  }
  const own = headersOfSignature(httpSignature)
  const refuseOwn = (field: string, names: readonly string[]) => {
    const taken = names.find((name) => own.has(name.toLowerCase()))
    const why = `The header ${taken} is one of the HTTP signature of the webhook.`
    refuse([field], taken === undefined ? null : why)
  }
  if (isNew || secrets !== current?.secrets) {
    refuseOwn(
      'headers',
      secrets.headers.map(([name]) => name),
    )
  }
  const known = current === null ? NO_EXPRESSIONS : expressionsOf(current)
  refuseOwn('headerExpressions', Object.keys(expressions?.headers ?? known.headers))
}

/** What whoever runs the deployment has to do, for whoever asks them to. */
function withoutKey({ profile }: HttpSignature, { flaw }: HttpSigning): string {
  const which = profile === 'ucp' ? 'a P-256 key' : 'an Ed25519 key'
  const why = flaw ?? `SIGNING_KEYS has no such key.`
  return `This deployment cannot make it: ${why} Whoever runs it gives it ${which} (docs/signatures.md).`
}

/** A secret value that an expression asks for by its name, and that the webhook would not have. */
function findMissingValue({ expressions, secrets }: WebhookDraft, current: Webhook | null) {
  const present = current === null ? NO_EXPRESSIONS : expressionsOf(current)
  const asked = sourcesOf({ ...present, ...expressions }).flatMap(([field, source]) =>
    secretsIn(source).map((asked) => ({ field, source, ...asked })),
  )
  if (asked.length === 0) return undefined
  const { values = {} } = secrets
  return asked.find(({ name }) => !Object.hasOwn(values, name))
}

/** The same of targets by what their hosts resolve to, in a deployment that looks that up. */
export async function checkNewAddresses(
  draft: WebhookDraft,
  current: Webhook | null,
  { checkAddresses }: Pick<Ports, 'checkAddresses'>,
): Promise<void> {
  if (checkAddresses === undefined) return
  for (const { path, url } of newTargets(draft, current)) refuse(path, await checkAddresses(url))
}

/** The URLs of a draft that requests would go to and that `current` does not have at that place. */
function newTargets(
  { url, failureHandling, pull }: WebhookDraft,
  current: Webhook | null,
): readonly { readonly path: readonly string[]; readonly url: string }[] {
  const alertUrl = failureHandling?.alertUrl ?? null
  const presentAlertUrl = current?.failureHandling?.alertUrl ?? null
  return [
    ...(url === current?.url || (pull === true && current === null)
      ? []
      : [{ path: ['url'], url }]),
    ...(alertUrl === null || alertUrl === presentAlertUrl
      ? []
      : [{ path: ['failureHandling', 'alertUrl'], url: alertUrl }]),
  ]
}

function refuse(path: readonly string[], why: string | null): void {
  if (why !== null) throw invalid(path, why)
}

// What of a draft is refused before it is stored. In: a draft, and the webhook as it is; out: nothing, or an error that names
// the field.

import { invalid } from '../../errors.ts'
import { checkHeaders } from '../attempt/header-policy.ts'
import { secretNamesIn } from '../expressions/compile.ts'
import {
  expressionsOf,
  isPull,
  NO_EXPRESSIONS,
  sourcesOf,
  type Webhook,
  type WebhookDraft,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { validateSecret } from '../signing/index.ts'

/**
 * Refuses what no delivery could be made with: targets the address policy forbids, illegal headers, secrets that
 * cannot sign. What was configured before is not asked about again.
 */
export function checkDraft(
  draft: WebhookDraft,
  current: Webhook | null,
  { checkTarget }: Pick<Ports, 'checkTarget'>,
): void {
  for (const { path, url } of newTargets(draft, current)) refuse(path, checkTarget(url))
  checkPull(draft, current)
  if (draft.expressions !== undefined || draft.secrets !== current?.secrets) {
    const { field, name } = findMissingValue(draft, current) ?? { field: [], name: null }
    if (name !== null)
      refuse(field, `There is no secret value of the name ${JSON.stringify(name)}.`)
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
  if (!isPull(draft)) return
  const { rate, order, paused, failureHandling, verificationMethod, expressions = {} } = draft
  const isHandled = failureHandling !== null && failureHandling !== current?.failureHandling
  const { path = null, query = {} } = expressions
  const stray: readonly (readonly [field: string, isGiven: boolean])[] = [
    ['rate', rate !== undefined && rate !== null],
    ['order', order !== undefined && order !== null],
    ['paused', paused === true],
    ['verification', Boolean(verificationMethod)],
    ['failureHandling', isHandled],
    ['pathExpression', path !== null],
    ['queryExpressions', Object.keys(query).length > 0],
  ]
  for (const [field, isGiven] of stray) {
    refuse([field], isGiven ? 'A pull webhook has none: nothing is sent to it.' : null)
  }
}

/** A secret value that an expression asks for by its name, and that the webhook would not have. */
function findMissingValue({ expressions, secrets }: WebhookDraft, current: Webhook | null) {
  const present = current === null ? NO_EXPRESSIONS : expressionsOf(current)
  const asked = sourcesOf({ ...present, ...expressions }).flatMap(([field, source]) =>
    secretNamesIn(source).map((name) => ({ field, name })),
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

// What of a draft is refused before it is stored. In: a draft, and the webhook as it is; out: nothing, or an error that names
// the field.

import { invalid } from '../../errors.ts'
import type { Webhook, WebhookDraft } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { validateSecret } from '../signing/index.ts'
import { checkHeaders } from './header-policy.ts'

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
  if (draft.secrets === current?.secrets) return
  refuse(['headers'], checkHeaders(draft.secrets.headers))
  for (const { secret } of draft.secrets.signing) refuse(['secret'], validateSecret(secret))
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
  { url, failureHandling }: WebhookDraft,
  current: Webhook | null,
): readonly { readonly path: readonly string[]; readonly url: string }[] {
  const alertUrl = failureHandling?.alertUrl ?? null
  const presentAlertUrl = current?.failureHandling?.alertUrl ?? null
  return [
    ...(url === current?.url ? [] : [{ path: ['url'], url }]),
    ...(alertUrl === null || alertUrl === presentAlertUrl
      ? []
      : [{ path: ['failureHandling', 'alertUrl'], url: alertUrl }]),
  ]
}

function refuse(path: readonly string[], why: string | null): void {
  if (why !== null) throw invalid(path, why)
}

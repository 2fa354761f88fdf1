// The webhooks, events and jobs that a caller may see.

import type { Seen } from '../api.ts'
import { jobsSeen } from '../jobs/jobs.ts'
import type { EventTypes, Principal } from '../model/index.ts'
import { visibilityOf } from './visibility.ts'
import { eventsSeen } from './visible-events.ts'
import { examplesSeen } from './visible-examples.ts'
import { webhooksSeen } from './visible-webhooks.ts'

/** `all` as far as this caller may see it. */
export function seenBy(
  principal: Principal,
  all: Seen & { readonly eventTypes: EventTypes },
): Seen {
  const ofUser = seenByUser(principal, all)
  const { featureFlags } = principal
  if (featureFlags === null) return ofUser
  return { ...ofUser, webhooks: examplesSeen(ofUser.webhooks, featureFlags, all.eventTypes) }
}

function seenByUser(principal: Principal, all: Seen): Seen {
  const visibility = visibilityOf(principal)
  if (visibility === null) return all
  const webhooks = webhooksSeen(all.webhooks, visibility)
  return {
    webhooks,
    events: eventsSeen(all.events, webhooks, visibility),
    jobs: jobsSeen(all.jobs, webhooks),
  }
}

// A publish for several tenants. In: drafts, each with its tenant; out: events that all of their event logs have accepted. All is
// looked through before anything is accepted; should a log fail then, the repetition of the publish completes it, by its keys. What
// was accepted is sent as what one tenant publishes: in one window, whoever it is of.

import { atMostAtOnce } from '../../primitives/at-once.ts'
import { INVOCATION } from '../../tuning.ts'
import type { Engine } from '../api.ts'
import { RequestSteps } from '../catalogue/steps.ts'
import { conformAll } from '../intake/conform-all.ts'
import { publishConformed } from '../intake/publish.ts'
import type { DeduplicationKey, Ports } from '../ports/index.ts'
import { sendWithPublish } from './first-deliveries.ts'
import { createPublish } from './publish-and-send.ts'
import {
  answersOf,
  findKeyConflict,
  gravest,
  inRequest,
  type Part,
  type PartResults,
  partsOf,
} from './publish-parts.ts'
import { inPublishSpan } from './publish-span.ts'
import { openPublishTime, type PublishTime } from './publish-time.ts'
import { withTimeouts } from './with-timeout.ts'

/** `Engine.publishToTenants`, whose events are on their way in the background when it resolves. */
export function createPublishToTenants(ports: Ports): Engine['publishToTenants'] {
  const bounded = withTimeouts(ports, INVOCATION.callMs)
  const publishToOne = createPublish(ports)

  async function send(accepting: Promise<PartResults>, time: PublishTime): Promise<void> {
    const [accepted] = await Promise.allSettled([accepting])
    const results = accepted.status === 'fulfilled' ? accepted.value : []
    const deliveries = results.flatMap((result) =>
      result.status === 'fulfilled' ? (result.value.acceptance?.deliveries ?? []) : [],
    )
    await sendWithPublish(null, deliveries, time)
    time.stop()
  }

  return async (events, options) => {
    const requestKey = options?.idempotency ?? null
    const parts = partsOf(events)
    const [only] = parts
    if (only && parts.length === 1) {
      return publishToOne(only.tenantId, only.drafts, options).catch((error) => {
        throw inRequest(error, only, events.length)
      })
    }
    const drafts = events.map(({ draft }) => draft)
    return inPublishSpan({ tenantId: null, drafts }, ports, async () => {
      const time = openPublishTime(ports, bounded)
      const accepting = acceptParts(parts, requestKey, events.length, time.accepting())
      // Before anything is waited for: a caller that hangs up would end what was not yet said to go on.
      ports.background(send(accepting, time))
      return answersOf(parts, await accepting, events.length)
    })
  }
}

/** `Engine.checkPublish`. */
export function createCheckPublish(ports: Ports): Engine['checkPublish'] {
  // Whoever publishes it afterwards has the lines in the log.
  const bounded = withTimeouts({ ...ports, log: () => {} }, INVOCATION.callMs)
  return async (events, { idempotency = null, toBeMade }) => {
    await lookThrough(partsOf(events), idempotency, events.length, bounded, toBeMade)
  }
}

/** What each part came to. Rejects, with nothing accepted, where a key stands for something else. */
async function acceptParts(
  parts: readonly Part[],
  requestKey: DeduplicationKey | null,
  count: number,
  ports: Ports,
): Promise<PartResults> {
  const good = await lookThrough(parts, requestKey, count, ports)
  const fanOut = Math.max(1, Math.floor(ports.settings.fanOut / parts.length))
  const sharing = { ...ports, settings: { ...ports.settings, fanOut } }
  return atMostAtOnce(good, INVOCATION.tenantsAtOnce, (part) =>
    publishConformed(part.tenantId, part.conformed, requestKey, sharing).catch((error) => {
      throw inRequest(error, part, count)
    }),
  )
}

/** The parts, with who is to get which of their data. Rejects where the catalogue refuses some of it, or a key stands for something else. */
async function lookThrough(
  parts: readonly Part[],
  requestKey: DeduplicationKey | null,
  count: number,
  ports: Ports,
  toBeMade: ReadonlySet<string> = new Set(),
) {
  const steps = new RequestSteps(count)
  const looks = await atMostAtOnce(parts, INVOCATION.tenantsAtOnce, async (part) => {
    const conformed = await conformAll(part.tenantId, part.drafts, ports, steps).catch((error) => {
      throw inRequest(error, part, count)
    })
    const isThere = !toBeMade.has(part.tenantId)
    await findKeyConflict(part, requestKey, count, isThere ? ports.eventLog : null)
    return { ...part, conformed }
  })
  const flaws = looks.flatMap((look) => (look.status === 'rejected' ? [look.reason] : []))
  if (flaws.length > 0) throw gravest(flaws)
  return looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
}

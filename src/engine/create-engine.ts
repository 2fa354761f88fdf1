// Puts the engine together from its ports.

import type { Engine, Seen, Webhooks } from './api.ts'
import {
  auditedAdministration,
  auditedEvents,
  auditedEventTypes,
  auditedJobs,
  auditedNotices,
  auditedPortalLinks,
  auditedWebhooks,
} from './audit/audited.ts'
import { BY_SYSTEM, createAudit, type NoteChange } from './audit/trail.ts'
import { createEventTypes } from './catalogue/event-types.ts'
import { createAdministration } from './configuration/administration.ts'
import { announcing } from './configuration/announced-changes.ts'
import { createNotices } from './configuration/notice-addresses.ts'
import { createPortalLinks } from './configuration/portal-links.ts'
import { createRepeatedCalls } from './configuration/repeated-calls.ts'
import { createSessions } from './configuration/sessions.ts'
import { createWebhooks } from './configuration/webhooks.ts'
import { createConsumers } from './delivery/consumers.ts'
import { createCheckPublish, createPublishToTenants } from './delivery/publish-to-tenants.ts'
import { createEvents } from './events.ts'
import { createJobs } from './jobs/jobs.ts'
import { tellingOperator } from './notifications/operator-notices.ts'
import type { Ports } from './ports/index.ts'
import { createSystem } from './system.ts'
import { seenBy } from './visibility/seen-by.ts'

/**
 * An engine on these ports. It keeps no state of its own but the caches of keys and of health. Each part is made when it is first
 * asked for: an invocation has an engine of its own, and few need more than one part.
 */
export function createEngine(given: Ports): Engine {
  const ports = once(() => ({ ...given, webhooks: announcing(given) }))
  const audit = once(() => createAudit(ports()))
  const note: NoteChange = (change) => audit().note(change)
  const events = once(() => auditedEvents(createEvents(ports()), note))
  const webhooks = once(() =>
    auditedWebhooks(tellingOperator(createWebhooks(ports()), ports()), note),
  )
  const jobs = once(() => auditedJobs(createJobs(ports()), note))
  const administration = once(() => auditedAdministration(createAdministration(ports()), note))
  const eventTypes = once(() => auditedEventTypes(createEventTypes(ports()), note))
  const repeatedCalls = once(() => createRepeatedCalls(ports()))
  const sessions = once(() => createSessions(ports()))
  const portalLinks = once(() => {
    const parts = { ports: ports(), sessions: sessions() }
    const links = createPortalLinks({ ...parts, administration: createAdministration(ports()) })
    return auditedPortalLinks(links, note)
  })
  const notices = once(() => auditedNotices(createNotices(ports()), note))
  const consumers = once(() => {
    const deleteWebhook: Webhooks['delete'] = async (ref) => {
      const deleted = await webhooks().delete(ref)
      await audit().record(BY_SYSTEM)
      return deleted
    }
    return createConsumers(ports(), deleteWebhook)
  })
  const system = once(() => createSystem(ports()))
  const publishToTenants = once(() => createPublishToTenants(ports()))
  const checkPublish = once(() => createCheckPublish(ports()))
  const all: Seen & Pick<Engine, 'eventTypes'> = {
    get eventTypes() {
      return eventTypes()
    },
    get events() {
      return events()
    },
    get webhooks() {
      return webhooks()
    },
    get jobs() {
      return jobs()
    },
  }
  return {
    get events() {
      return events()
    },
    get webhooks() {
      return webhooks()
    },
    get jobs() {
      return jobs()
    },
    get audit() {
      return audit()
    },
    get administration() {
      return administration()
    },
    get eventTypes() {
      return eventTypes()
    },
    get repeatedCalls() {
      return repeatedCalls()
    },
    get sessions() {
      return sessions()
    },
    get portalLinks() {
      return portalLinks()
    },
    get notices() {
      return notices()
    },
    get consumers() {
      return consumers()
    },
    get system() {
      return system()
    },
    publishToTenants: (events, options) => publishToTenants()(events, options),
    checkPublish: (events, options) => checkPublish()(events, options),
    seenBy: (principal) => seenBy(principal, all),
  }
}

function once<Part>(make: () => Part): () => Part {
  let made: { readonly part: Part } | null = null
  return () => {
    made ??= { part: make() }
    return made.part
  }
}

// What the paths of Svix's API name, and how it is found: applications, endpoints and messages by their ids, or by what their makers
// call them.

import { z } from 'zod'
import { CONSUMER_NAME, isTenantName, TENANT_UID } from '../../engine/model/index.ts'
import { EngineError, invalid, notFound } from '../../errors.ts'
import { isUuid } from '../../http/ids.ts'
import { type PathParams, textParam } from '../../http/path-param.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { PUBLISH } from '../../limits.ts'
import { fromSvixId } from './ids.ts'

/** Stored with every webhook made on this surface; never changes. */
export const id = 'svix'

export const params = {
  app_id: {
    read: readAppName,
    schema: z.string().meta({ description: 'The application: its id, or its `uid`.' }),
  },
  endpoint_id: {
    read: (text) => text,
    schema: z.string().meta({ description: 'The endpoint: its id, or its `uid`.' }),
  },
  msg_id: {
    read: (text) => text,
    schema: z.string().meta({ description: 'The message: its id, or its `eventId`.' }),
  },
  sink_id: {
    read: (text) => text,
    schema: z.string().meta({ description: 'The polling endpoint: its id, or its `uid`.' }),
  },
  consumer_id: textParam(CONSUMER_NAME, 'What the consumer is called.'),
  attempt_id: {
    read: (text) => {
      const uuid = fromSvixId('atmpt', text)
      if (uuid === null) throw notFound('attempt')
      return uuid
    },
    schema: z.string().meta({ description: 'The id of the attempt.' }),
  },
  task_id: {
    read: (text) => text,
    schema: z.string().meta({ description: 'The id of the background task.' }),
  },
  event_type_name: textParam(
    `[A-Za-z0-9._-]{1,${PUBLISH.typeChars}}`,
    'The name of the event type.',
  ),
} satisfies PathParams

/** A UUID may be the id of a tenant or a `uid`, which are told apart where tenants are looked up. */
function readAppName(text: string): string {
  const uuid = fromSvixId('app', text)
  if (uuid !== null && !isUuid(text)) return uuid
  if (!isTenantName(text)) throw notFound('application')
  return text
}

/** The endpoints that the caller sees. */
export const endpointsOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })

/** The id of the endpoint that a path names; null where there is none, though an id as Svix writes it is taken as it is. */
export async function findEndpointId(c: SurfaceContext, name: string): Promise<string | null> {
  const uuid = fromSvixId('ep', name)
  if (uuid !== null && !isUuid(name)) return uuid
  const endpoints = endpointsOf(c)
  const [found] = await endpoints.outlines({ uid: name }, { limit: 1 })
  if (found !== undefined) return found.id
  if (uuid === null) return null
  try {
    return (await endpoints.get(uuid)).id
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return null
    throw error
  }
}

/** A name that a path has, for what is called so from then on. Throws `invalid` for what may be none. */
export function toUid(name: string): string {
  if (TENANT_UID.test(name)) return name
  throw invalid(['uid'], 'Expected 1 to 256 of A-Z, a-z, 0-9, ".", "_" and "-".')
}

/** The id of the endpoint that a path names. Throws `not_found`. */
export async function endpointId(c: SurfaceContext, name: string): Promise<string> {
  const found = await findEndpointId(c, name)
  if (found === null) throw notFound('endpoint')
  return found
}

/** The id of the message that a path names; by its `eventId` for as long as that is remembered. Throws `not_found`. */
export async function messageId(c: SurfaceContext, name: string): Promise<string> {
  const uuid = fromSvixId('msg', name)
  if (uuid !== null && !isUuid(name)) return uuid
  const found = (await seen(c).events.findId(c.get('principal').tenantId, name)) ?? uuid
  if (found === null) throw notFound('message')
  return found
}

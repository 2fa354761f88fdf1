// Operational webhooks: endpoints of whoever runs the deployment, which are told about those of all applications. They are the
// endpoints of the operations tenant, and answered as those of any application are.

import { OPERATIONS_TENANT } from '../../engine/model/index.ts'
import { EngineError, type EngineErrorCode } from '../../errors.ts'
import { permissionsOf } from '../../http/admission.ts'
import type { Operation } from '../../http/operation.ts'
import type { SurfaceContext } from '../../http/surface.ts'

const ENDPOINTS = '/app/{app_id}/endpoint'

/** What Svix has of them. */
const SERVED: ReadonlySet<string> = new Set([
  'listEndpoints',
  'createEndpoint',
  'getEndpoint',
  'upsertEndpoint',
  'deleteEndpoint',
  'getEndpointSecret',
  'rotateEndpointSecret',
  'getEndpointHeaders',
  'setEndpointHeaders',
])

/** Those of them that may make one. */
const MAKING: ReadonlySet<string> = new Set(['createEndpoint', 'upsertEndpoint'])

/** The operations tenant, made if there is none. */
async function makeOperationsTenant({ env: { engine } }: SurfaceContext): Promise<void> {
  try {
    // Not from a cache: it may have been deleted a moment ago.
    await engine.administration.getTenant(OPERATIONS_TENANT.id)
    return
  } catch (error) {
    if (!isRefusal(error, 'not_found')) throw error
  }
  try {
    await engine.administration.createTenant(OPERATIONS_TENANT)
  } catch (error) {
    // Another call may have made it meanwhile.
    if (!isRefusal(error, 'conflict')) throw error
  }
}

function isRefusal(error: unknown, code: EngineErrorCode): boolean {
  return error instanceof EngineError && error.code === code
}

function toOne({ description, answer }: Operation): Operation {
  const { id, summary, path, access, audit } = description
  return {
    description: {
      ...description,
      id: id.replace('Endpoint', 'OperationalEndpoint'),
      path: path.replace(ENDPOINTS, '/operational-webhook/endpoint'),
      summary: summary.replace('endpoint', 'operational endpoint'),
      access: { operator: permissionsOf(access) ?? [] },
      ...(MAKING.has(id) && typeof audit === 'object' && { audit: [...audit, 'tenant.created'] }),
    },
    answer: async (c, ids) => {
      if (MAKING.has(id)) await makeOperationsTenant(c)
      c.set('principal', { ...c.get('caller'), tenantId: OPERATIONS_TENANT.id })
      return answer(c, ids)
    },
  }
}

/** The operations of operational webhooks: of those of any application, what Svix has of them, for an operator key. */
export function toOperational(operations: readonly Operation[]): readonly Operation[] {
  return operations.filter(({ description: { id } }) => SERVED.has(id)).map(toOne)
}

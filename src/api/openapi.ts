// The description of every surface in OpenAPI 3.1, made from the very operations that are routed and the schemas that
// validate.

import { z } from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi'
import type { Catalogue } from '../engine/model/index.ts'
import type { EngineErrorCode } from '../errors.ts'
import {
  type Access,
  byOperation,
  isForAdministrator,
  isForTenant,
  permissionsOf,
} from '../http/admission.ts'
import type { MountedSurface, Surface } from '../http/create-surface.ts'
import { toOpenApiWebhooks } from '../http/event-type-documents.ts'
import { type OperationDescription, paramNames } from '../http/operation.ts'
import { VERSION } from '../version.ts'
import { TITLES } from './problem.ts'
import { LOCAL_TARGET, PUBLIC_TARGET } from './schema/target-url.ts'

/** What a response of each status means. */
const SUCCESS = {
  200: 'The request succeeded.',
  201: 'The resource was created.',
  202: 'The request was accepted.',
  204: 'The request succeeded. The response has no body.',
} as const satisfies Record<OperationDescription['status'], string>

const securitySchemes = {
  administrator: { type: 'http', scheme: 'bearer', description: 'The administrator token.' },
  bearer: { type: 'http', scheme: 'bearer', description: 'The token of a key: `<id>.<secret>`.' },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'The id of a key as the user name and its secret as the password.',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The token of a key.' },
} as const

/** What tells the operations of surfaces apart. */
interface Naming {
  readonly idOf: (operation: OperationDescription) => string
  readonly tagOf: (operation: OperationDescription) => string
}

const nativeNaming: Naming = {
  idOf: ({ id }) => id,
  tagOf: ({ path, tag = path.split('/')[1] ?? '' }) => tag,
}

/** Two vendors may call an operation alike. */
const vendorNaming = (dialect: string): Naming => ({
  idOf: ({ id }) => `${dialect}${id.slice(0, 1).toUpperCase()}${id.slice(1)}`,
  tagOf: () => dialect,
})

/** The OpenAPI 3.1 document of a deployment, as JSON text. */
export function describeAsText(
  native: MountedSurface,
  vendors: readonly MountedSurface[],
  {
    withPrivateTargets,
    catalogue,
  }: { readonly withPrivateTargets: boolean; readonly catalogue: Catalogue },
): string {
  const targets = withPrivateTargets ? LOCAL_TARGET : PUBLIC_TARGET
  return JSON.stringify(withEventTypes(describe(native, vendors), catalogue), (_, value) =>
    value === PUBLIC_TARGET ? targets : value,
  )
}

/**
 * The same document with the types of the catalogue as webhooks, so that generators make receivers' types. Without those that have a
 * feature flag: everybody reads it, and they are for those alone who have that.
 */
function withEventTypes(document: ReturnType<typeof describe>, { revision, types }: Catalogue) {
  const open = [...types].filter(([, { featureFlag }]) => featureFlag === null)
  const { webhooks, schemas } = toOpenApiWebhooks({ revision, types: new Map(open) }, null)
  const { components } = document
  return {
    ...document,
    webhooks,
    components: { ...components, schemas: { ...components?.schemas, ...schemas } },
  }
}

function describe(native: MountedSurface, vendors: readonly MountedSurface[]) {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Hookline',
      version: VERSION,
      description: 'Hookline is a webhook service that runs in your own Cloudflare account.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: {
      ...describePaths(native, nativeNaming),
      ...Object.assign(
        {},
        ...vendors.map((vendor) => describePaths(vendor, vendorNaming(vendor.id))),
      ),
    },
    // What viewers write instead of the name (https://redocly.com/docs-legacy/api-reference-docs/specification-extensions/x-display-name).
    tags: vendors.map(({ id, title = id }) => ({ name: id, 'x-displayName': title })),
    components: { securitySchemes },
  })
}

function describePaths(
  { basePath, surface }: MountedSurface,
  naming: Naming,
): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {}
  for (const { description } of surface.operations) {
    const path = `${basePath}${description.path}`.replace(/\/$/, '')
    paths[path] = {
      ...paths[path],
      [description.method]: describeOperation(description, surface, naming),
    }
  }
  return paths
}

function describeOperation(
  operation: OperationDescription,
  surface: Surface,
  { idOf, tagOf }: Naming,
): ZodOpenApiOperationObject {
  const { path, summary, access, input, status, otherStatus, output, mediaType } = operation
  const { query, headers, body } = input.described
  const params = paramNames(path).map((name) => [name, surface.params[name]?.schema ?? z.string()])
  const content = output && { content: { [mediaType ?? 'application/json']: { schema: output } } }
  const permissions = permissionsOf(access) ?? []
  const says = [
    ...(operation.description === undefined ? [] : [operation.description]),
    ...(permissions.length === 0
      ? []
      : [`Permissions that the key needs: ${permissions.join(', ')}.`]),
    ...(isForOperator(access) ? ['The key must be an operator key.'] : []),
  ]
  return {
    operationId: idOf(operation),
    summary,
    tags: [tagOf(operation)],
    security: toSecurity(access, surface),
    ...(says.length > 0 && { description: says.join('\n\n') }),
    requestParams: {
      ...(params.length > 0 && { path: z.object(Object.fromEntries(params)) }),
      ...(query && { query }),
      ...(headers && { header: headers }),
    },
    ...(body && { requestBody: body }),
    responses: {
      [status]: { description: SUCCESS[status], ...content },
      ...(otherStatus && {
        [otherStatus]: { description: OTHER_STATUS[otherStatus], ...content },
      }),
      ...toErrorResponses(errorsOf(operation, surface), surface),
    },
  }
}

/** Whether of all keys only those of the operator may ask. */
function isForOperator(access: Access): boolean {
  return permissionsOf(access) !== null && !isForTenant(access)
}

function toSecurity(access: Access, { admission }: Surface): Record<string, string[]>[] {
  const isForKeys = permissionsOf(access) !== null
  // A surface on which every request carries a key takes no other credential.
  const takesAdministrator = admission === byOperation && isForAdministrator(access)
  return [
    ...(isForKeys ? [{ bearer: [] }, { basic: [] }, { apiKey: [] }] : []),
    ...(takesAdministrator ? [{ administrator: [] }] : []),
  ]
}

function errorsOf(
  { path, access, input, errors = [] }: OperationDescription,
  { refusesOtherParameters }: Surface,
): EngineErrorCode[] {
  return [
    ...(refusesOtherParameters ? (['invalid'] as const) : []),
    ...input.described.errors,
    ...(access === 'public' ? [] : (['unauthenticated'] as const)),
    ...(typeof access === 'string' ? [] : (['forbidden', 'rate_limited', 'unavailable'] as const)),
    ...(paramNames(path).length > 0 ? (['not_found'] as const) : []),
    ...errors,
    'internal',
  ]
}

function toErrorResponses(
  codes: readonly EngineErrorCode[],
  surface: Surface,
): Record<string, ZodOpenApiResponseObject> {
  return Object.fromEntries(
    codes.map((code) => [surface.errors[code][0], toErrorResponse(code, surface)]),
  )
}

function toErrorResponse(
  code: EngineErrorCode,
  { errorBody, errorMediaType = 'application/json' }: Surface,
): ZodOpenApiResponseObject {
  return {
    description: `${TITLES[code]}.`,
    content: { [errorMediaType]: { schema: errorBody } },
    ...((code === 'unavailable' || code === 'rate_limited') && {
      headers: z.object({
        'Retry-After': z
          .string()
          .meta({ description: 'The number of seconds to wait before retrying the request.' }),
      }),
    }),
  }
}

const OTHER_STATUS = {
  200: 'It was there already.',
  201: 'It was created.',
  503: 'Hookline is degraded.',
} as const

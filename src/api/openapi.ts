// The description of `/v1` in OpenAPI 3.1, made from the very calls that are routed and the schemas that validate.

import { z } from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi'
import { type EngineErrorCode, STATUS } from '../errors.ts'
import { VERSION } from '../version.ts'
import { type Access, type CallDescription, paramNames, permissionsOf } from './call.ts'
import { PROBLEM_MEDIA_TYPE, Problem, TITLES } from './problem.ts'
import { Id } from './schema/fields.ts'

const BASE_PATH = '/v1'

/** What a response of each status means. */
const SUCCESS = {
  200: 'The request succeeded.',
  201: 'The resource was created.',
  202: 'The request was accepted.',
  204: 'The request succeeded. The response has no body.',
} as const satisfies Record<CallDescription['status'], string>

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

/** The OpenAPI 3.1 document of these calls. */
export function describe(calls: readonly CallDescription[]): object {
  const paths: ZodOpenApiPathsObject = {}
  for (const call of calls) {
    const path = `${BASE_PATH}${call.path}`
    paths[path] = { ...paths[path], [call.method]: describeCall(call) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Hookline',
      version: VERSION,
      description: 'Hookline is a webhook service that runs in your own Cloudflare account.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: { securitySchemes },
  })
}

function describeCall(call: CallDescription): ZodOpenApiOperationObject {
  const { id, path, summary, access, takes, status, otherStatus, gives } = call
  const { query, headers, body } = takes.described
  const names = paramNames(path)
  const content = gives && { content: { 'application/json': { schema: gives } } }
  const permissions = permissionsOf(access) ?? []
  const says = [
    ...(call.description === undefined ? [] : [call.description]),
    ...(permissions.length === 0
      ? []
      : [`Permissions required of a key: ${permissions.join(', ')}.`]),
  ]
  return {
    operationId: id,
    summary,
    tags: [path.split('/')[1] ?? ''],
    security: toSecurity(access),
    ...(says.length > 0 && { description: says.join('\n\n') }),
    requestParams: {
      ...(names.length > 0 && {
        path: z.object(Object.fromEntries(names.map((name) => [name, Id]))),
      }),
      ...(query && { query }),
      ...(headers && { header: headers }),
    },
    ...(body && { requestBody: body }),
    responses: {
      [status]: { description: SUCCESS[status], ...content },
      ...(otherStatus && {
        [otherStatus]: { description: 'Hookline is degraded.', ...content },
      }),
      ...toRefusals(refusalsOf(call)),
    },
  }
}

function toSecurity(access: Access): Record<string, string[]>[] {
  if (access === 'public') return []
  if (access === 'administrator') return [{ administrator: [] }]
  const key = [{ bearer: [] }, { basic: [] }, { apiKey: [] }]
  return 'either' in access ? [...key, { administrator: [] }] : key
}

function refusalsOf({ path, access, takes, refusals = [] }: CallDescription): EngineErrorCode[] {
  return [
    // A parameter that there is not.
    'invalid',
    ...takes.described.refusals,
    ...(access === 'public' ? [] : (['unauthenticated'] as const)),
    ...(typeof access === 'string' ? [] : (['forbidden', 'rate_limited', 'unavailable'] as const)),
    ...(paramNames(path).length > 0 ? (['not_found'] as const) : []),
    ...refusals,
    'internal',
  ]
}

function toRefusals(codes: readonly EngineErrorCode[]): Record<string, ZodOpenApiResponseObject> {
  return Object.fromEntries(codes.map((code) => [STATUS[code], toRefusal(code)]))
}

function toRefusal(code: EngineErrorCode): ZodOpenApiResponseObject {
  return {
    description: `${TITLES[code]}.`,
    content: { [PROBLEM_MEDIA_TYPE]: { schema: Problem } },
    ...((code === 'unavailable' || code === 'rate_limited') && {
      headers: z.object({
        'Retry-After': z
          .string()
          .meta({ description: 'The number of seconds to wait before retrying the request.' }),
      }),
    }),
  }
}

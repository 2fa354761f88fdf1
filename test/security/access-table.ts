// Who may ask for which operation, written down by hand: what the access matrix expects of every route of the app. An
// operation that is not here, or that says something else of itself, fails the matrix.

export type Needs =
  | 'public'
  | 'administrator'
  /** The permissions of a key: of the tenant, or where the path names the tenant of the operator, too. */
  | readonly string[]
  /** Of an operator key; the administrator may ask as well. */
  | { readonly operator: readonly string[] }

const webhook = '/v1/webhooks/:webhookId'
const consumer = '{[A-Za-z0-9._-]{1,64}}'
const eventType = '/v1/event-types/:eventType{[A-Za-z0-9._-]{1,256}}'
const socotra = '/event/:tenantLocator'
const ulid = '{[0-9A-Za-z]{26}}'
const socotraWebhook = `${socotra}/webhooks/:webhookLocator${ulid}`
const socotraDiverted = `${socotraWebhook}/diverted/:eventLocator${ulid}`
const svix = '/api/v1'
const svixApp = `${svix}/app/:app_id`
const svixEndpoint = `${svixApp}/endpoint/:endpoint_id`
const operational = `${svix}/operational-webhook/endpoint`
const svixMessage = `${svixApp}/msg/:msg_id`
const svixEventType = `${svix}/event-type/:event_type_name{[A-Za-z0-9._-]{1,256}}`
const everyPoint = '/v3/instances/:name{[a-z0-9-]{1,512}}/webhook'

/** What the key of a tenant may ask of `/v1`. */
const OF_TENANTS = {
  'POST /v1/events': ['events:write'],
  'POST /v1/events/cloudevents': ['events:write'],
  'POST /v1/events/cloudevents/batch': ['events:write'],
  'GET /v1/events': ['events:read', 'events:list'],
  'GET /v1/events/:eventId': ['events:read'],
  'POST /v1/events/:eventId/resend': ['events:write'],
  'POST /v1/events/:eventId/cancel': ['events:write'],
  'DELETE /v1/events/:eventId/content': ['events:write'],
  'GET /v1/usage': ['events:read'],
  'GET /v1/tail': ['webhooks:read', 'webhooks:list'],
  'GET /v1/activity': ['events:read'],
  'GET /v1/expressions/presets': ['webhooks:read'],
  'POST /v1/expressions/preview': ['webhooks:read'],
  'POST /v1/webhooks': ['webhooks:write'],
  'GET /v1/webhooks': ['webhooks:read', 'webhooks:list'],
  [`GET ${webhook}`]: ['webhooks:read'],
  [`PATCH ${webhook}`]: ['webhooks:write'],
  [`DELETE ${webhook}`]: ['webhooks:write'],
  [`GET ${webhook}/secret`]: ['webhook-secrets:read'],
  [`POST ${webhook}/rotate-secret`]: ['webhook-secrets:write'],
  [`POST ${webhook}/resume`]: ['webhooks:write'],
  [`POST ${webhook}/verify`]: ['webhooks:write'],
  [`POST ${webhook}/order/:key/skip`]: ['webhooks:write'],
  [`POST ${webhook}/test`]: ['webhooks:write'],
  [`GET ${webhook}/attempts`]: ['webhooks:read'],
  [`GET ${webhook}/attempts/:attemptId/request`]: ['webhooks:read', 'events:read'],
  [`GET ${webhook}/pull`]: ['events:pull'],
  [`POST ${webhook}/pull/commit`]: ['events:pull'],
  [`DELETE ${webhook}/pull/consumers/:consumer${consumer}`]: ['events:pull'],
  [`GET ${webhook}/stream`]: ['events:pull'],
  [`GET ${webhook}/health`]: ['webhooks:read'],
  [`GET ${webhook}/activity`]: ['webhooks:read'],
  [`GET ${webhook}/diverted`]: ['diverted-events:read', 'diverted-events:list'],
  [`POST ${webhook}/diverted/resend`]: ['diverted-events:resend'],
  [`GET ${webhook}/diverted/:eventId`]: ['diverted-events:read'],
  [`DELETE ${webhook}/diverted/:eventId`]: ['diverted-events:delete'],
  [`POST ${webhook}/diverted/:eventId/resend`]: ['diverted-events:resend'],
  [`POST ${webhook}/cancel`]: ['webhooks:write'],
  [`POST ${webhook}/replay`]: ['webhooks:write'],
  'GET /v1/jobs': ['webhooks:read', 'webhooks:list'],
  'GET /v1/jobs/:jobId': ['webhooks:read'],
  'DELETE /v1/jobs/:jobId': ['webhooks:write'],
} satisfies Readonly<Record<string, readonly string[]>>

/** The same where the path names the tenant. Its usage is the administrator's as well (below). */
const UNDER_TENANT = Object.fromEntries(
  Object.entries(OF_TENANTS)
    .filter(([name]) => name !== 'GET /v1/usage')
    .map(([name, needs]) => [name.replace(' /v1/', ' /v1/tenants/:tenant/'), needs]),
)

export const NEEDS: Readonly<Record<string, Needs>> = {
  'GET /v1/health': 'public',
  'GET /v1/openapi.json': 'public',

  'POST /v1/tenants': { operator: ['tenants:write'] },
  'GET /v1/tenants': { operator: ['tenants:read'] },
  'GET /v1/audit': { operator: ['audit:read'] },
  'GET /v1/tenants/:tenant/audit': { operator: ['audit:read'] },
  'GET /v1/summary': { operator: ['metrics:read'] },
  'GET /v1/metrics': { operator: ['metrics:read'] },
  'GET /v1/tenants/:tenant': { operator: ['tenants:read'] },
  'PATCH /v1/tenants/:tenant': { operator: ['tenants:write'] },
  'DELETE /v1/tenants/:tenant': { operator: ['tenants:write'] },
  'POST /v1/tenants/:tenant/keys': { operator: ['keys:write'] },
  'GET /v1/tenants/:tenant/keys': { operator: ['keys:read'] },
  'POST /v1/tenants/:tenant/portal-links': { operator: ['portal-links:write'] },
  'GET /v1/tenants/:tenant/portal-links': { operator: ['portal-links:write'] },
  'DELETE /v1/tenants/:tenant/portal-links/:linkId': { operator: ['portal-links:write'] },
  'POST /v1/tenants/:tenant/erase': { operator: ['erase'] },
  'GET /v1/tenants/:tenant/usage': { operator: ['events:read'] },
  'DELETE /v1/tenants/:tenant/keys/:keyId': { operator: ['keys:write'] },
  'POST /v1/event-types/import/openapi': { operator: ['catalogue:write'] },
  'GET /v1/event-types/export/openapi': [],
  'GET /v1/event-types/export/asyncapi': [],
  'GET /v1/event-types': [],
  [`GET ${eventType}`]: [],
  [`PUT ${eventType}`]: { operator: ['catalogue:write'] },
  [`DELETE ${eventType}`]: { operator: ['catalogue:write'] },
  'POST /v1/operator-keys': 'administrator',
  'GET /v1/operator-keys': 'administrator',
  'DELETE /v1/operator-keys/:keyId': 'administrator',
  'POST /v1/templates': 'administrator',
  'GET /v1/templates': 'administrator',
  'GET /v1/dead-letters': 'administrator',
  'POST /v1/secrets/reencrypt': 'administrator',
  'GET /v1/status': 'administrator',

  ...OF_TENANTS,
  ...UNDER_TENANT,

  'GET /integrations': ['webhooks:read', 'webhooks:list'],
  'POST /integrations': ['webhooks:write'],
  'GET /integrations/:id': ['webhooks:read'],
  'PATCH /integrations/:id': ['webhooks:write'],
  'DELETE /integrations/:id': ['webhooks:write'],

  'POST /webhooks/v1/webhook': ['webhooks:write'],
  'GET /webhooks/v1/webhook': ['webhooks:read', 'webhooks:list'],
  'GET /webhooks/v1/webhook/:id': ['webhooks:read'],
  'PATCH /webhooks/v1/webhook/:id': ['webhooks:write'],
  'DELETE /webhooks/v1/webhook/:id': ['webhooks:write'],
  'GET /webhooks/v1/webhook-templates': ['webhooks:read', 'webhooks:list'],

  [`GET ${everyPoint}`]: ['webhooks:read'],
  [`PATCH ${everyPoint}`]: ['webhooks:write'],

  'POST /api/v2/config/webhook': ['webhooks:write'],
  'GET /api/v2/config/webhook': ['webhooks:read', 'webhooks:list'],
  'GET /api/v2/config/webhook/:id': ['webhooks:read'],
  'PATCH /api/v2/config/webhook/:id': ['webhooks:write'],
  'DELETE /api/v2/config/webhook/:id': ['webhooks:write'],

  [`POST ${socotra}/webhooks`]: ['webhooks:write'],
  [`GET ${socotra}/webhooks/list`]: ['webhooks:read', 'webhooks:list'],
  [`GET ${socotraWebhook}`]: ['webhooks:read'],
  [`PATCH ${socotraWebhook}`]: ['webhooks:write'],
  [`PATCH ${socotraWebhook}/unsuspend`]: ['webhooks:write'],
  [`DELETE ${socotraWebhook}`]: ['webhooks:write'],
  [`GET ${socotraWebhook}/diverted`]: ['diverted-events:read', 'diverted-events:list'],
  [`GET ${socotraDiverted}`]: ['diverted-events:read'],
  [`DELETE ${socotraDiverted}`]: ['diverted-events:delete'],
  [`POST ${socotraDiverted}/resend`]: ['diverted-events:resend'],
  [`GET ${socotra}/events/list`]: ['events:read', 'events:list'],
  [`GET ${socotra}/events/request/:requestId`]: ['events:read'],
  [`GET ${socotra}/events/:eventLocator${ulid}`]: ['events:read'],

  [`GET ${svix}/app`]: { operator: ['tenants:read'] },
  [`POST ${svix}/app`]: { operator: ['tenants:write'] },
  [`GET ${svixApp}`]: { operator: ['tenants:read'] },
  [`PUT ${svixApp}`]: { operator: ['tenants:write'] },
  [`PATCH ${svixApp}`]: { operator: ['tenants:write'] },
  [`DELETE ${svixApp}`]: { operator: ['tenants:write'] },
  [`GET ${svixApp}/endpoint`]: ['webhooks:read', 'webhooks:list'],
  [`POST ${svixApp}/endpoint`]: ['webhooks:write'],
  [`GET ${svixEndpoint}`]: ['webhooks:read'],
  [`PUT ${svixEndpoint}`]: ['webhooks:write'],
  [`PATCH ${svixEndpoint}`]: ['webhooks:write'],
  [`DELETE ${svixEndpoint}`]: ['webhooks:write'],
  [`GET ${svixEndpoint}/secret`]: ['webhook-secrets:read'],
  [`POST ${svixEndpoint}/secret/rotate`]: ['webhook-secrets:write'],
  [`GET ${svixEndpoint}/headers`]: ['webhooks:read'],
  [`PUT ${svixEndpoint}/headers`]: ['webhooks:write'],
  [`PATCH ${svixEndpoint}/headers`]: ['webhooks:write'],
  [`POST ${svixEndpoint}/recover`]: ['diverted-events:resend'],
  [`POST ${svixEndpoint}/replay-missing`]: ['diverted-events:resend'],
  [`POST ${svixEndpoint}/bulk-replay`]: ['diverted-events:resend'],
  [`GET ${svixEndpoint}/stats`]: ['webhooks:read'],
  [`POST ${svixEndpoint}/msg/test-attempt`]: ['webhooks:write'],
  [`POST ${svixEndpoint}/send-example`]: ['webhooks:write'],
  [`GET ${svixEndpoint}/msg`]: ['webhooks:read', 'events:read', 'events:list'],
  [`POST ${svixApp}/msg`]: ['events:write'],
  [`GET ${svixApp}/msg`]: ['events:read', 'events:list'],
  [`GET ${svixMessage}`]: ['events:read'],
  [`DELETE ${svixMessage}/content`]: ['events:write'],
  [`GET ${svixMessage}/endpoint`]: ['webhooks:read', 'webhooks:list', 'events:read'],
  [`GET ${svixMessage}/attempt/:attempt_id`]: ['webhooks:read', 'events:read'],
  [`DELETE ${svixMessage}/attempt/:attempt_id/content`]: ['webhooks:write', 'events:read'],
  [`POST ${svixApp}/msg/bulk-expunge`]: ['events:write'],
  [`POST ${svixApp}/msg/expunge-all-contents`]: { operator: ['erase'] },
  [`GET ${svixMessage}/raw`]: ['events:read'],
  [`GET ${svixApp}/poller/:sink_id`]: ['events:pull'],
  [`GET ${svixApp}/poller/:sink_id/consumer/:consumer_id${consumer}`]: ['events:pull'],
  [`POST ${svixApp}/poller/:sink_id/consumer/:consumer_id${consumer}/seek`]: ['events:pull'],
  [`POST ${svixApp}/msg/precheck/active`]: ['webhooks:read', 'webhooks:list'],
  [`POST ${svixMessage}/endpoint/:endpoint_id/resend`]: ['diverted-events:resend'],
  [`GET ${svixApp}/attempt/endpoint/:endpoint_id`]: ['webhooks:read', 'events:read'],
  [`GET ${svixApp}/attempt/msg/:msg_id`]: ['webhooks:read', 'events:read'],
  [`GET ${svix}/event-type`]: [],
  [`POST ${svix}/event-type`]: { operator: ['catalogue:write'] },
  [`POST ${svix}/event-type/import/openapi`]: { operator: ['catalogue:write'] },
  [`POST ${svix}/event-type/export/openapi`]: [],
  [`GET ${svixEventType}`]: [],
  [`PUT ${svixEventType}`]: { operator: ['catalogue:write'] },
  [`PATCH ${svixEventType}`]: { operator: ['catalogue:write'] },
  [`DELETE ${svixEventType}`]: { operator: ['catalogue:write'] },
  [`POST ${svix}/auth/app-portal-access/:app_id`]: { operator: ['keys:write'] },
  [`POST ${svix}/auth/logout`]: [],
  [`POST ${svix}/auth/app/:app_id/expire-all`]: { operator: ['keys:write'] },
  [`GET ${svix}/background-task`]: { operator: ['webhooks:read', 'webhooks:list'] },
  [`GET ${svix}/background-task/:task_id`]: ['webhooks:read'],
  [`GET ${svix}/health`]: [],
  [`GET ${operational}`]: { operator: ['webhooks:read', 'webhooks:list'] },
  [`POST ${operational}`]: { operator: ['webhooks:write'] },
  [`GET ${operational}/:endpoint_id`]: { operator: ['webhooks:read'] },
  [`PUT ${operational}/:endpoint_id`]: { operator: ['webhooks:write'] },
  [`DELETE ${operational}/:endpoint_id`]: { operator: ['webhooks:write'] },
  [`GET ${operational}/:endpoint_id/secret`]: { operator: ['webhook-secrets:read'] },
  [`POST ${operational}/:endpoint_id/secret/rotate`]: { operator: ['webhook-secrets:write'] },
  [`GET ${operational}/:endpoint_id/headers`]: { operator: ['webhooks:read'] },
  [`PUT ${operational}/:endpoint_id/headers`]: { operator: ['webhooks:write'] },
}

/** What the administrator may ask as well, about the deployment instead of a tenant. */
export const FOR_EITHER: readonly string[] = [
  'GET /v1/event-types/export/openapi',
  'GET /v1/event-types/export/asyncapi',
  'GET /v1/event-types',
  `GET ${eventType}`,
  'GET /v1/jobs',
  'GET /v1/jobs/:jobId',
  'DELETE /v1/jobs/:jobId',
]

/** What an operator key may ask as well as a tenant's, although the path names no tenant. */
export const FOR_EITHER_KIND: readonly string[] = [
  'POST /v1/events',
  'GET /v1/event-types/export/openapi',
  'GET /v1/event-types/export/asyncapi',
  'GET /v1/event-types',
  `GET ${eventType}`,
  `GET ${svix}/background-task/:task_id`,
  `POST ${svix}/event-type/export/openapi`,
  `GET ${svix}/event-type`,
  `GET ${svixEventType}`,
  `POST ${svix}/auth/logout`,
  `GET ${svix}/health`,
]

/** The catalogue of event types, which all tenants share (test/api/event-types.test.ts). */
export const isShared = ({ pattern }: { readonly pattern: string }): boolean =>
  pattern.startsWith('/v1/event-types') ||
  pattern.startsWith(`${svix}/event-type`) ||
  pattern === `${svix}/health`

/** What takes a key that was made for it (test/dialects/svix/sdk.test.ts), an event that waits (test/end-to-end/scheduling.test.ts) or a key that is blocked (test/api/order.test.ts). */
export const NEED_MORE: readonly string[] = [
  `POST ${svix}/auth/logout`,
  'POST /v1/events/:eventId/cancel',
  'POST /v1/tenants/:tenant/events/:eventId/cancel',
  `POST ${webhook}/order/:key/skip`,
  'POST /v1/tenants/:tenant/webhooks/:webhookId/order/:key/skip',
  `POST ${webhook}/verify`,
  'POST /v1/tenants/:tenant/webhooks/:webhookId/verify',
]

/** Refused to keys that act for a user, with the permission or without: what they would do is not that user's alone. */
export const NOT_FOR_USERS: readonly string[] = [
  'DELETE /v1/events/:eventId/content',
  'POST /v1/events/:eventId/cancel',
  `DELETE ${svixMessage}/content`,
  `POST ${svixApp}/msg/bulk-expunge`,
]

/** Whose every legal name is an object of every tenant, so that no name is unknown. */
export const NAMES_ARE_FREE: readonly string[] = [`GET ${everyPoint}`, `PATCH ${everyPoint}`]

type Surface =
  | 'native'
  | 'contractfit'
  | 'crazygoldfish'
  | 'everypoint'
  | 'infermedica'
  | 'socotra'
  | 'svix'

const PREFIXES: readonly (readonly [prefix: string, surface: Surface])[] = [
  ['/v1', 'native'],
  ['/integrations', 'contractfit'],
  ['/webhooks/v1', 'crazygoldfish'],
  ['/v3', 'everypoint'],
  ['/api/v2/config/webhook', 'infermedica'],
  ['/event', 'socotra'],
  ['/api/v1', 'svix'],
]

export function surfaceOf(path: string): Surface {
  const found = PREFIXES.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))
  if (found === undefined) throw new Error(`No surface at ${path}: name it here.`)
  return found[1]
}

type Refusal = 'absent' | 'wrong' | 'forbidden' | 'not_found' | 'rate_limited' | 'limit_reached'

const STATUS: Readonly<Record<Refusal, number>> = {
  absent: 401,
  wrong: 401,
  forbidden: 403,
  not_found: 404,
  rate_limited: 429,
  limit_reached: 409,
}

const PROBLEMS: Readonly<Record<Refusal, readonly [code: string, title: string]>> = {
  absent: ['unauthenticated', 'Missing or invalid credential'],
  wrong: ['unauthenticated', 'Missing or invalid credential'],
  forbidden: ['forbidden', 'Missing permission'],
  not_found: ['not_found', 'Not found'],
  rate_limited: ['rate_limited', 'Too many requests'],
  limit_reached: ['limit_reached', 'Limit reached'],
}

/** developer.everypoint.io, Communication Format, "Error Codes"; a code of our own where it has none. */
const EVERYPOINT_CODES: Readonly<Record<Refusal, number>> = {
  absent: 1000,
  wrong: 1001,
  forbidden: 1002,
  not_found: 1002,
  rate_limited: 429,
  limit_reached: 409,
}

/** docs/contracts/svix.md, "Transport rules the server must satisfy". */
const SVIX_CODES: Readonly<Record<Refusal, string>> = {
  absent: 'authentication_failed',
  wrong: 'authentication_failed',
  forbidden: 'insufficient access',
  not_found: 'not_found',
  rate_limited: 'rate_limited',
  limit_reached: 'limit_reached',
}

/** Status and whole body of a refusal on the surface of `path`, with the sentence it says. */
export function refusal(path: string, why: Refusal, sentence: string) {
  const surface = surfaceOf(path)
  const isSvixLimit = surface === 'svix' && why === 'limit_reached'
  const status = isSvixLimit ? 400 : STATUS[why]
  const [code, title] = PROBLEMS[why]
  const bodies = {
    native: { type: `urn:hookline:problem:${code}`, title, status, detail: sentence, code },
    contractfit: { message: sentence },
    crazygoldfish: { detail: sentence },
    everypoint: { success: false, code: EVERYPOINT_CODES[why], message: sentence },
    infermedica: { message: sentence },
    socotra: { message: sentence },
    svix: { code: SVIX_CODES[why], detail: sentence },
  }
  return { status, body: bodies[surface] }
}

// Where a customer can set a URL that requests go to: every surface's calls for it, and how it says no.

import type { Call, TestTenant } from '../fixtures/hookline.ts'

export interface TargetPlace {
  readonly title: string
  readonly create: (url: string, tenant: TestTenant) => Call
  /** Changes it. */
  readonly update: (url: string, id: string, tenant: TestTenant) => Call
  /** What names the webhook in the answer to `create`. */
  readonly idOf: (created: unknown) => string
  /** What has no scheme is no URL, unless this surface takes it for a host. */
  readonly takesHosts?: true
  /** Of the body of a refusal: where the URL stands and which rule it breaks. */
  readonly refusal: (sentence: string) => unknown
}

const json = (method: string, path: string, body: object): Call => ({
  method,
  path,
  body: JSON.stringify(body),
})
const idOf = (created: unknown) => (created as { id: string }).id

/** One of the templates that every deployment has (migrations). */
const TEMPLATE = '01940000-0000-7000-8000-000000000001'

/** Instances used so far; each has one webhook. */
let instances = 0

const problem = (path: string) => (sentence: string) => ({
  type: 'urn:hookline:problem:invalid',
  title: 'Invalid input',
  status: 400,
  code: 'invalid',
  detail: `${path}: ${sentence}`,
  errors: [{ path, message: sentence }],
})
const native = (url: object) => ({ eventTypes: ['*'], ...url })
const alertUrl = (url: string) => ({
  url: 'https://receiver.example/hook',
  failureHandling: { alertUrl: url },
})
const message = (field: string) => (sentence: string) => ({ message: `${field}: ${sentence}` })

const socotra = (fields: object) => ({
  name: 'Note',
  enabled: true,
  eventTypes: ['policy.issue'],
  ...fields,
})
const endpoint = (url: string) => ({ endpoint: { url, secureSsl: false } })
const alerting = (alertEndpoint: string | object) => ({
  ...endpoint('https://receiver.example/hook'),
  failureHandling: { alertEndpoint },
})
const webhooksOf = ({ id }: TestTenant) => `/event/${id}/webhooks`
const locatorOf = (created: unknown) => (created as { locator: string }).locator

export const targetPlaces: readonly TargetPlace[] = [
  {
    title: 'Hookline’s url',
    create: (url) => json('POST', '/v1/webhooks', native({ url })),
    update: (url, id) => json('PATCH', `/v1/webhooks/${id}`, { url }),
    idOf,
    refusal: problem('url'),
  },
  {
    title: 'Hookline’s alertUrl',
    create: (url) => json('POST', '/v1/webhooks', native(alertUrl(url))),
    update: (url, id) =>
      json('PATCH', `/v1/webhooks/${id}`, { failureHandling: { alertUrl: url } }),
    idOf,
    refusal: problem('failureHandling.alertUrl'),
  },
  {
    title: 'Contract.fit’s target',
    create: (target) =>
      json('POST', '/integrations', { type: 'webhook', events: ['document_text'], target }),
    update: (target, id) => json('PATCH', `/integrations/${id}`, { target }),
    idOf,
    takesHosts: true,
    refusal: message('target'),
  },
  {
    title: 'CrazyGoldFish’s endpoint_url',
    create: (endpoint_url) =>
      json('POST', '/webhooks/v1/webhook', { api_template: TEMPLATE, endpoint_url }),
    update: (endpoint_url, id) => json('PATCH', `/webhooks/v1/webhook/${id}`, { endpoint_url }),
    idOf,
    refusal: (sentence) => ({ endpoint_url: [sentence] }),
  },
  {
    title: 'EveryPoint’s url',
    create: (url) => {
      instances += 1
      return json('PATCH', `/v3/instances/instance-${instances}/webhook`, { url })
    },
    update: (url, id) => json('PATCH', `/v3/instances/${id}/webhook`, { url }),
    idOf: () => `instance-${instances}`,
    refusal: (sentence) => ({ success: false, code: 1003, message: `url: ${sentence}` }),
  },
  {
    title: 'Infermedica’s url',
    create: (url) =>
      json('POST', '/api/v2/config/webhook', {
        url,
        authorization_token: 'token',
        subscribed_events: ['survey_finished'],
      }),
    update: (url, id) => json('PATCH', `/api/v2/config/webhook/${id}`, { url }),
    idOf,
    refusal: message('url'),
  },
  {
    title: 'Socotra’s endpoint',
    create: (url, tenant) => json('POST', webhooksOf(tenant), socotra(endpoint(url))),
    update: (url, id, tenant) => json('PATCH', `${webhooksOf(tenant)}/${id}`, endpoint(url)),
    idOf: locatorOf,
    refusal: message('endpoint.url'),
  },
  {
    title: 'Socotra’s alertEndpoint',
    create: (url, tenant) =>
      json('POST', webhooksOf(tenant), socotra(alerting({ url, secureSsl: false }))),
    update: (url, id, tenant) =>
      json('PATCH', `${webhooksOf(tenant)}/${id}`, {
        failureHandling: { alertEndpoint: { url, secureSsl: false } },
      }),
    idOf: locatorOf,
    refusal: message('failureHandling.alertEndpoint.url'),
  },
]

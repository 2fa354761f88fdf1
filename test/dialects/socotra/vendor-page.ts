// The tables of the vendor's page (https://docs.socotra.com/api/configuration-and-development/webhooks/), in its order and
// words. The page prints no bodies, only these; a property that a table calls required in a request is printed here as it
// stands there.

export interface PrintedCall {
  readonly action: string
  readonly method: string
  readonly path: string
  readonly query?: readonly string[]
  readonly request?: keyof typeof requests
  readonly response: keyof typeof responses | 'void'
  /** The security group and its permissions; the page prints none for two calls. */
  readonly permissions?: readonly string[]
}

export const calls: readonly PrintedCall[] = [
  {
    action: 'Fetch a Webhook',
    method: 'GET',
    path: '/event/{tenantLocator}/webhooks/{webhookLocator}',
    response: 'WebhookResponse',
    permissions: ['webhooks:read'],
  },
  {
    action: 'Fetch All Webhooks',
    method: 'GET',
    path: '/event/{tenantLocator}/webhooks/list',
    query: [
      'offset=0',
      'count=1',
      'name=Note',
      'enabled=true',
      'suspended=false',
      'active=true',
      'eventTypes=policy.issue',
      'extended=true',
    ],
    response: 'WebhookListResponse',
    permissions: ['webhooks:read', 'webhooks:list'],
  },
  {
    action: 'Create a Webhook',
    method: 'POST',
    path: '/event/{tenantLocator}/webhooks',
    request: 'CreateWebhookRequest',
    response: 'WebhookResponse',
  },
  {
    action: 'Update a Webhook',
    method: 'PATCH',
    path: '/event/{tenantLocator}/webhooks/{webhookLocator}',
    request: 'UpdateWebhookRequest',
    response: 'WebhookResponse',
  },
  {
    action: 'Unsuspend Webhook',
    method: 'PATCH',
    path: '/event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend',
    response: 'void',
    permissions: ['webhooks:write'],
  },
  {
    action: 'Delete a Webhook',
    method: 'DELETE',
    path: '/event/{tenantLocator}/webhooks/{webhookLocator}',
    response: 'void',
    permissions: ['webhooks:write'],
  },
]

export const responses = {
  WebhookListResponse: { listCompleted: 'boolean', items: 'WebhookResponse[]' },
  WebhookResponse: {
    locator: 'ulid',
    name: 'string',
    enabled: 'boolean',
    endpoint: 'EndpointResponse',
    failureHandling: 'FailureHandlingResponse',
    suspended: 'boolean',
    suspendedAt: 'datetime',
    eventTypes: 'string[]',
  },
  EndpointResponse: {
    hmacEnabled: 'boolean',
    secret: 'string',
    secureSsl: 'boolean',
    tag: 'string',
    url: 'string',
    headers: 'map<string, string[]>',
  },
} as const

/** A value for each property that the page prints, nested as it prints them. */
export const requests = {
  CreateWebhookRequest: {
    name: 'Note',
    enabled: true,
    endpoint: {
      url: 'https://receiver.example/note',
      hmacEnabled: true,
      secret: 'correct horse battery staple',
      secureSsl: true,
      tag: 'blue',
      headers: { 'X-Of': ['Hookline', 'Worker'] },
    },
    failureHandling: { triggers: ['4xx', '5xx', 'timeout'], divert: false, suspend: false },
    eventTypes: ['policy.issue'],
    useAutomationPlugin: true,
  },
  UpdateWebhookRequest: {
    name: 'Note',
    enabled: true,
    endpoint: {
      url: 'https://receiver.example/other',
      addHeaders: { 'X-More': ['1'] },
      removeHeaders: ['X-Of'],
      hmacEnabled: true,
      secret: 'correct horse battery staple',
      secureSsl: true,
      tag: 'blue',
    },
    failureHandling: { divert: true },
    removeFailureHandling: true,
    addEventTypes: ['policy.issue', 'policy.renew'],
    removeEventTypes: ['policy.issue'],
  },
} as const

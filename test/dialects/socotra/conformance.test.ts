// Socotra in the suite that every surface runs; it deviates nowhere.

import { expect } from 'vitest'
import type { TestTenant } from '../../fixtures/hookline.ts'
import { conformance } from '../conformance.ts'
import type { Shown } from '../subject.ts'
import { toUlid } from './ulid.ts'

const secret = 'correct horse battery staple'

const collection = ({ id }: TestTenant) => `/event/${id}/webhooks`
const member = (tenant: TestTenant, locator: string) => `${collection(tenant)}/${locator}`

const shown = ({ id, url }: Shown) => ({
  locator: id,
  name: 'Note',
  enabled: true,
  endpoint: {
    hmacEnabled: true,
    secret,
    secureSsl: true,
    tag: null,
    url,
    headers: { 'X-Of': ['Hookline'] },
  },
  failureHandling: {
    alertEndpoint: null,
    divert: false,
    retryStrategy: null,
    suspend: false,
    triggers: ['4xx', '5xx', 'timeout'],
  },
  suspended: false,
  suspendedAt: null,
  eventTypes: ['policy.issue'],
})
const answered = (webhook: Shown) => ({ status: 200, body: shown(webhook) })

conformance({
  title: 'Socotra',
  dialect: 'socotra',
  basePath: '/event',
  calls: {
    create: (tenant, url) => ({
      method: 'POST',
      path: collection(tenant),
      body: JSON.stringify({
        name: 'Note',
        enabled: true,
        endpoint: { url, hmacEnabled: true, secret, headers: { 'X-Of': ['Hookline'] } },
        eventTypes: ['policy.issue'],
      }),
    }),
    read: (tenant, id) => ({ method: 'GET', path: member(tenant, id) }),
    list: (tenant) => ({ method: 'GET', path: `${collection(tenant)}/list` }),
    update: (tenant, id, url) => ({
      method: 'PATCH',
      path: member(tenant, id),
      body: JSON.stringify({ endpoint: { url } }),
    }),
    delete: (tenant, id) => ({ method: 'DELETE', path: member(tenant, id) }),
  },
  answers: {
    created: answered,
    read: answered,
    updated: answered,
    listed: (webhooks) => ({
      status: 200,
      body: { listCompleted: true, items: webhooks.map(shown) },
    }),
    deleted: () => ({ status: 204 }),
  },
  idOf: (created) => (created as { locator: string }).locator,
  writeId: toUlid,
  error: () => expect.objectContaining({ message: expect.any(String) }),
  urlField: 'endpoint.url',
  allow: { create: 'POST', read: 'DELETE, GET, HEAD, PATCH' },
  permissions: {
    create: ['webhooks:write'],
    read: ['webhooks:read'],
    list: ['webhooks:read', 'webhooks:list'],
    update: ['webhooks:write'],
    delete: ['webhooks:write'],
  },
  users: 'shared',
  secret: { text: secret, shownBy: ['create', 'read', 'list', 'update'] },
  notified: (tenant) => ({
    event: { type: 'policy.issue', data: '{ "policyLocator": "p", "2": 1.10, "1": 1e400 }' },
    headers: {
      'x-of': 'Hookline',
      'socotra-signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    signed: true,
    body: (eventId) =>
      new RegExp(
        `^\\{"locator":"${toUlid(eventId)}","requestId":"${toUlid(eventId)}","userLocator":"${tenant.id}",` +
          '"timestamp":"20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z","type":"policy\\.issue",' +
          '"data":\\{ "policyLocator": "p", "2": 1\\.10, "1": 1e400 \\}\\}$',
      ),
  }),
})

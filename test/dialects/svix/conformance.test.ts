// Svix in the suite that every surface runs.

import { expect } from 'vitest'
import { toSvixId } from '../../../src/dialects/svix/ids.ts'
import { conformance } from '../conformance.ts'
import type { Shown, Subject } from '../subject.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const collection = ({ id }: { readonly id: string }) => `/api/v1/app/${id}/endpoint`
const shown = ({ id, url }: Shown) => ({
  id,
  url,
  description: '',
  disabled: false,
  metadata: {},
  version: 1,
  createdAt: expect.any(String),
  updatedAt: expect.any(String),
})

const subject: Subject = {
  title: 'Svix',
  dialect: 'svix',
  basePath: '/api/v1',
  calls: {
    create: (tenant, url) => ({
      method: 'POST',
      path: collection(tenant),
      body: JSON.stringify({ url, secret: SECRET }),
    }),
    read: (tenant, id) => ({ method: 'GET', path: `${collection(tenant)}/${id}` }),
    list: (tenant) => ({ method: 'GET', path: collection(tenant) }),
    update: (tenant, id, url) => ({
      method: 'PATCH',
      path: `${collection(tenant)}/${id}`,
      body: JSON.stringify({ url }),
    }),
    delete: (tenant, id) => ({ method: 'DELETE', path: `${collection(tenant)}/${id}` }),
  },
  answers: {
    created: (webhook) => ({ status: 201, body: shown(webhook) }),
    read: (webhook) => ({ status: 200, body: shown(webhook) }),
    updated: (webhook) => ({ status: 200, body: shown(webhook) }),
    listed: (webhooks) => ({
      status: 200,
      body: {
        data: webhooks.map(shown),
        iterator: webhooks.at(-1)?.id ?? null,
        prevIterator: webhooks[0] ? `-${webhooks[0].id}` : null,
        done: true,
      },
    }),
    deleted: () => ({ status: 204 }),
  },
  idOf: (created) => (created as { id: string }).id,
  writeId: (uuid) => toSvixId('ep', uuid),
  error: (status) =>
    status === 422
      ? { detail: expect.any(Array) }
      : { code: expect.any(String), detail: expect.any(String) },
  urlField: 'url',
  allow: { create: 'GET, HEAD, POST', read: 'DELETE, GET, HEAD, PATCH, PUT' },
  permissions: {
    create: ['webhooks:write'],
    read: ['webhooks:read'],
    list: ['webhooks:read', 'webhooks:list'],
    update: ['webhooks:write'],
    delete: ['webhooks:write'],
  },
  users: 'shared',
  secret: { text: SECRET, shownBy: [] },
  notified: () => ({
    event: { type: 'thing.happened', data: '{ "n": 1.10, "2": 1e400 }' },
    headers: {},
    signed: true,
    body: () => '{ "n": 1.10, "2": 1e400 }',
  }),
}

conformance(subject, {
  'answers 400 for JSON that is not an object': 'Svix answers 422, an HTTPValidationError',
  'answers 400 for a target that may not be, and names the field':
    'Svix answers 422, an HTTPValidationError (sdk.test.ts)',
  'answers 405 for a wrong method and says which are right':
    'PUT, which the suite takes for wrong, is right here (routes.test.ts)',
  'notifies in the vendor’s words, to the byte':
    'the id is that of Svix, and the headers come under two prefixes (sdk.test.ts)',
})

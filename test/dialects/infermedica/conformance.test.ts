// Infermedica in the suite that every surface runs; it deviates nowhere.

import { expect } from 'vitest'
import { conformance } from '../conformance.ts'
import type { Shown } from '../subject.ts'

const BASE = '/api/v2/config/webhook'
const TOKEN = 'zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ'
const shown = ({ id, url }: Shown) => ({ id, url, subscribed_events: ['survey_finished'] })

conformance({
  title: 'Infermedica',
  dialect: 'infermedica',
  basePath: BASE,
  calls: {
    create: (_, url) => ({
      method: 'POST',
      path: BASE,
      body: JSON.stringify({
        url,
        authorization_token: TOKEN,
        subscribed_events: ['survey_finished'],
      }),
    }),
    read: (_, id) => ({ method: 'GET', path: `${BASE}/${id}` }),
    list: () => ({ method: 'GET', path: BASE }),
    update: (_, id, url) => ({
      method: 'PATCH',
      path: `${BASE}/${id}`,
      body: JSON.stringify({ url }),
    }),
    delete: (_, id) => ({ method: 'DELETE', path: `${BASE}/${id}` }),
  },
  answers: {
    created: (webhook) => ({
      status: 201,
      body: { ...shown(webhook), authorization_token: TOKEN },
    }),
    read: (webhook) => ({ status: 200, body: shown(webhook) }),
    updated: (webhook) => ({ status: 200, body: shown(webhook) }),
    listed: (webhooks) => ({ status: 200, body: webhooks.map(shown) }),
    deleted: (webhook) => ({ status: 200, body: shown(webhook) }),
  },
  idOf: (created) => (created as Shown).id,
  writeId: (uuid) => uuid,
  error: () => expect.objectContaining({ message: expect.any(String) }),
  urlField: 'url',
  allow: { create: 'GET, HEAD, POST', read: 'DELETE, GET, HEAD, PATCH' },
  permissions: {
    create: ['webhooks:write'],
    read: ['webhooks:read'],
    list: ['webhooks:list'],
    update: ['webhooks:write'],
    delete: ['webhooks:write'],
  },
  users: 'share',
  secret: { text: TOKEN, shownBy: ['create'] },
  notified: () => ({
    event: { type: 'survey_finished', data: '{ "survey_id": "s-1", "2": 1.10, "1": 1e400 }' },
    headers: { 'x-webhook-infermedica-token': TOKEN },
    signed: false,
    body: () =>
      '{"event_type":"survey_finished","content":{ "survey_id": "s-1", "2": 1.10, "1": 1e400 }}',
  }),
})

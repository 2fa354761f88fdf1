// Infermedica in the suite that every surface runs; it deviates nowhere.

import { expect } from 'vitest'
import { conformance } from '../conformance.ts'
import { restSubject } from '../rest-subject.ts'
import type { Shown } from '../subject.ts'

const token = 'zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ'
const subscribed_events = ['survey_finished']
const shown = ({ id, url }: Shown) => ({ id, url, subscribed_events })

conformance(
  restSubject({
    title: 'Infermedica',
    dialect: 'infermedica',
    basePath: '/api/v2/config/webhook',
    create: (url) => ({ url, authorization_token: token, subscribed_events }),
    update: (url) => ({ url }),
    shown,
    created: (webhook) => ({
      status: 201,
      body: { ...shown(webhook), authorization_token: token },
    }),
    deleted: (webhook) => ({ status: 200, body: shown(webhook) }),
    error: () => expect.objectContaining({ message: expect.any(String) }),
    urlField: 'url',
    secret: { text: token, shownBy: ['create'] },
    notified: () => ({
      event: { type: 'survey_finished', data: '{ "survey_id": "s-1", "2": 1.10, "1": 1e400 }' },
      headers: { 'x-webhook-infermedica-token': token },
      signed: false,
      body: () =>
        '{"event_type":"survey_finished","content":{ "survey_id": "s-1", "2": 1.10, "1": 1e400 }}',
    }),
  }),
)

// Contract.fit in the suite that every surface runs; it deviates nowhere.

import { expect } from 'vitest'
import { conformance } from '../conformance.ts'
import { restSubject } from '../rest-subject.ts'
import type { Shown } from '../subject.ts'

const credential = 'Bearer abcdefg1234567989'
const events = ['document_predict']
const shown = ({ id, url }: Shown) => ({
  id,
  type: 'webhook',
  events,
  target: url,
  headers: { Authorization: '••••' },
  inbox: null,
  project: null,
})

conformance(
  restSubject({
    title: 'Contract.fit',
    dialect: 'contractfit',
    basePath: '/integrations',
    create: (url) => ({
      type: 'webhook',
      events,
      target: url,
      headers: { Authorization: credential },
    }),
    update: (url) => ({ target: url }),
    shown,
    created: (webhook) => ({ status: 200, body: shown(webhook) }),
    error: () => expect.objectContaining({ message: expect.any(String) }),
    urlField: 'target',
    secret: { text: credential, shownBy: [] },
    notified: ({ name }) => ({
      event: { type: 'document_predict', data: '{ "id": "5e7a", "2": 1.10, "1": 1e400 }' },
      headers: { authorization: credential },
      signed: false,
      body: () =>
        `{"event":"document_predict","organization":"${name}","data":{ "id": "5e7a", "2": 1.10, "1": 1e400 }}`,
    }),
  }),
)

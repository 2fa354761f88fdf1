// The native API in the suite that every surface runs.

import { expect } from 'vitest'
import { conformance } from '../dialects/conformance.ts'
import { restSubject } from '../dialects/rest-subject.ts'
import type { Shown } from '../dialects/subject.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const shown = ({ id, url }: Shown) => expect.objectContaining({ id, url, dialect: 'native' })

conformance(
  restSubject({
    title: 'Hookline',
    dialect: 'native',
    basePath: '/v1',
    collection: '/v1/webhooks',
    create: (url) => ({ url, eventTypes: ['invoice.*'], secret }),
    update: (url) => ({ url }),
    shown,
    created: ({ id, url }) => ({
      status: 201,
      body: expect.objectContaining({ id, url, dialect: 'native', secret }),
    }),
    listed: (items) => ({ items, nextCursor: null }),
    error: (status) =>
      expect.objectContaining({ status, code: expect.any(String), title: expect.any(String) }),
    urlField: 'url',
    secret: { text: secret, shownBy: ['create'] },
    notified: () => ({
      event: { type: 'invoice.paid', data: '{ "total": 1.10, "2": 1e400, "1": true }' },
      headers: {},
      signed: true,
      body: () =>
        /^\{"type":"invoice\.paid","timestamp":"[^"]+","data":\{ "total": 1\.10, "2": 1e400, "1": true \}\}$/,
    }),
  }),
  {
    'hides the webhooks made on another surface':
      'A webhook made on any surface is visible here (docs/contracts/native.md, "Webhooks").',
    'answers 401 without a credential, whatever the path':
      'Public, administrative and tenants’ calls share /v1, so an unknown path is unknown to all.',
    'takes a comma before a closing bracket':
      'The native API is strict JSON (docs/contracts/README.md, "JSON").',
  },
)

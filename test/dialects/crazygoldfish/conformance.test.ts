// CrazyGoldFish in the suite that every surface runs; it deviates nowhere. Each webhook needs a template of its own.

import { expect } from 'vitest'
import { administrate } from '../../fixtures/hookline.ts'
import { conformance } from '../conformance.ts'
import { restSubject } from '../rest-subject.ts'

const secret_hash = 'my-secret-key-123'
let templates = 0

conformance({
  ...restSubject({
    title: 'CrazyGoldFish',
    dialect: 'crazygoldfish',
    basePath: '/webhooks/v1',
    collection: '/webhooks/v1/webhook',
    create: async (url) => {
      templates += 1
      const template = { name: `kind_of_document_${templates}` }
      const { id } = await administrate<{ id: string }>('/v1/templates', template)
      return { api_template: id, endpoint_url: url, secret_hash }
    },
    update: (url) => ({ endpoint_url: url }),
    shown: ({ id, url }) => ({
      id,
      api_template: expect.any(String),
      endpoint_url: url,
      status: 'enabled',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      created_by: expect.any(String),
    }),
    listed: (results) => ({ count: results.length, next: null, previous: null, results }),
    error: (status) => (status === 400 ? expect.any(Object) : { detail: expect.any(String) }),
    urlField: 'endpoint_url',
    secret: { text: secret_hash, shownBy: [] },
    notified: (_, created) => {
      const { api_template } = created as { api_template: string }
      return {
        event: {
          type: 'document.processed',
          scope: { template: api_template },
          data: '{ "2": 1.10, "1": 1e400, "name": "\\u00e9é" }',
        },
        headers: { 'x-webhook-signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/) },
        signed: true,
        body: () =>
          `{"event":"document.processed","api_template":"${api_template}","data":{ "2": 1.10, "1": 1e400, "name": "\\u00e9é" }}`,
      }
    },
  }),
  users: 'separate',
})

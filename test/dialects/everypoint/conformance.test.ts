// EveryPoint in the suite that every surface runs. A webhook is made by the first PATCH of its instance, and its id is
// the instance's name.

import { expect } from 'vitest'
import { conformance } from '../conformance.ts'
import type { Shown, Subject } from '../subject.ts'

/** Instances used so far; each new webhook takes the next one. */
let instances = 0
const latest = () => `instance-${instances}`

const path = (instance: string) => `/v3/instances/${instance}/webhook`
const answer = ({ url }: Shown) => ({
  status: 200,
  body: { success: true, data: { webhook: { url } } },
})

const CODES = new Map([
  [400, 1003],
  [403, 1002],
  [404, 1002],
  [405, 1004],
  [413, 1003],
])

const subject: Subject = {
  title: 'EveryPoint',
  dialect: 'everypoint',
  basePath: '/v3',
  calls: {
    create: (_, url) => {
      instances += 1
      return { method: 'PATCH', path: path(latest()), body: JSON.stringify({ url }) }
    },
    read: (_, id) => ({ method: 'GET', path: path(id) }),
    update: (_, id, url) => ({ method: 'PATCH', path: path(id), body: JSON.stringify({ url }) }),
  },
  answers: { created: answer, read: answer, updated: answer },
  idOf: latest,
  writeId: (uuid) => uuid,
  error: (status) => ({
    success: false,
    code: CODES.get(status) ?? expect.toBeOneOf([1000, 1001]),
    message: expect.any(String),
  }),
  urlField: 'url',
  allow: { create: 'GET, HEAD, PATCH', read: 'GET, HEAD, PATCH' },
  permissions: {
    create: ['webhooks:write'],
    read: ['webhooks:read'],
    update: ['webhooks:write'],
  },
  users: 'shared',
  secret: null,
  notified: () => ({
    event: {
      type: 'message',
      scope: { instance: latest() },
      data: '{ "body": "caf\\u00e9 \\/ é", "folder": "/folders/shared-data", "n": 1.10 }',
    },
    headers: {},
    signed: false,
    body: () =>
      `{"message":{"folder":"https://api.everypoint.io/v3/instances/${latest()}/folders/shared-data","body":"caf\\u00e9 \\/ é"}}`,
  }),
}

const noList = 'EveryPoint has one webhook per instance and no list'
const noUnknown = 'every legal name is an instance, whose webhook has no URL yet'

conformance(subject, {
  'lists no webhooks of a tenant that has none': noList,
  'lists webhooks in order of creation': noList,
  'lists no webhooks of another tenant': noList,
  'deletes a webhook for good': 'EveryPoint has no delete; a URL of null clears',
  'answers 404 for an id of nothing': noUnknown,
  'answers 404 for what is not an id': noUnknown,
  'hides the webhooks of another tenant': noUnknown,
  'hides the webhooks of a user from other users': noUnknown,
  'shows a user the webhooks that no user owns only with its permission': noUnknown,
  'hides the webhooks made on another surface': noUnknown,
})

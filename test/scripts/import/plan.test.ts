// What becomes of each thing that Svix has, from what both sides have.

import { describe, expect, it } from 'vitest'
import { type Item, planApplications } from '../../../scripts/import/plan.ts'
import { flawInSecret, planEndpoints } from '../../../scripts/import/plan-endpoints.ts'
import { planEventTypes } from '../../../scripts/import/plan-event-types.ts'
import { Application, Endpoint, EventType } from '../../../scripts/import/shapes.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

const application = (fields: object = {}) =>
  Application.parse({ id: 'app_1', uid: 'acme', name: 'Acme', ...fields })
const type = (fields: object = {}) =>
  EventType.parse({ name: 'invoice.paid', description: 'Paid', ...fields })
const endpoint = ({
  secret = SECRET,
  headers = {},
  sensitive = [],
  isTransformed = false,
  ...fields
}: {
  readonly secret?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly sensitive?: readonly string[]
  readonly isTransformed?: boolean
  readonly [field: string]: unknown
} = {}) => ({
  ...Endpoint.parse({ id: 'ep_1', uid: 'main', url: 'https://acme.example/hook', ...fields }),
  ...{ secret, headers, sensitive, isTransformed },
})
type EndpointFields = Parameters<typeof endpoint>[0]

const told = ({ action, changes, untaken, writes }: Item) => ({ action, changes, untaken, writes })
const same = { action: 'same', changes: [], untaken: [], writes: [] }
const left = (...untaken: readonly string[]) => ({
  ...{ action: 'leave', changes: [], writes: [] },
  untaken,
})

describe('an event type', () => {
  const body = {
    ...{ description: 'Paid', archived: false, deprecated: false, schemas: {} },
    ...{ featureFlag: null, groupName: null },
  }
  const put = (changed: object) => ({
    ...{ method: 'PUT', path: '/event-type/invoice.paid' },
    body: { ...body, ...changed },
  })

  it.each<[string, object, object | null, object]>([
    ['that Hookline lacks', {}, null, { ...same, action: 'create', writes: [put({})] }],
    ['that is the same', {}, {}, same],
    [
      'whose schema is the same in another order',
      { schemas: { 1: { type: 'object', title: 'x' } } },
      { schemas: { 1: { title: 'x', type: 'object' } } },
      same,
    ],
    [
      'that was archived',
      { archived: true },
      {},
      { ...same, action: 'change', changes: ['archived'], writes: [put({ archived: true })] },
    ],
    [
      'whose schema and flag are others',
      { schemas: { 1: true }, featureFlag: 'beta' },
      { schemas: { 1: { type: 'object' } } },
      {
        ...same,
        ...{ action: 'change', changes: ['schemas', 'featureFlag'] },
        writes: [put({ schemas: { 1: true }, featureFlag: 'beta' })],
      },
    ],
    [
      'with two feature flags',
      { featureFlags: ['beta', 'staff'] },
      { featureFlag: 'beta' },
      { ...same, untaken: ['feature flags but the first: staff (one is kept)'] },
    ],
    [
      'whose description is too long',
      { description: 'x'.repeat(2_001) },
      { description: 'x'.repeat(2_000) },
      { ...same, untaken: ['its description beyond 2000 characters'] },
    ],
    [
      'that Hookline has for itself',
      { name: 'webhook.suspended' },
      null,
      left('name: This type is reserved'),
    ],
    [
      'with schemas that Hookline does not take keeps the others',
      {
        schemas: {
          1: { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object', title: 'x' },
          2: { $schema: 'http://json-schema.org/draft-07/schema#', items: [{}] },
          3: { properties: { a: { $ref: 'https://example.com/a.json' } } },
          'a b': true,
        },
      },
      null,
      {
        ...same,
        ...{ action: 'create', writes: [put({ schemas: { 1: { type: 'object', title: 'x' } } })] },
        untaken: [
          'its schema of version 2: items: Expected a schema: an object or a boolean',
          'its schema of version 3: properties.a.$ref: Refers to no schema of this document. Only "#" and "#/…" are supported',
          'its schema of version a b: Expected a version such as "2026-11": letters, digits, ".", "_" and "-", a letter or digit first',
        ],
      },
    ],
  ])('%s', (_, source, target, expected) => {
    const [item] = planEventTypes([type(source)], target ? [type(target)] : [])
    expect(item && told(item)).toEqual(expected)
  })
})

describe('an application', () => {
  const create = (body: object) => ({ method: 'POST', path: '/app', body })
  const patch = (body: object) => ({ method: 'PATCH', path: '/app/app_t', body })

  it.each<[string, object, object | null, object]>([
    [
      'that Hookline lacks',
      { metadata: { plan: 'gold' } },
      null,
      {
        ...same,
        action: 'create',
        writes: [create({ name: 'Acme', uid: 'acme', metadata: { plan: 'gold' } })],
      },
    ],
    [
      'without a uid is called by its id',
      { uid: null },
      null,
      {
        ...same,
        action: 'create',
        writes: [create({ name: 'Acme', uid: 'app_1', metadata: {} })],
      },
    ],
    ['that is the same', {}, {}, same],
    ['without a uid that is the same', { uid: null }, { uid: 'app_1' }, same],
    [
      'that got a uid since',
      {},
      { uid: 'app_1' },
      { ...same, action: 'change', changes: ['uid'], writes: [patch({ uid: 'acme' })] },
    ],
    [
      'of another name and metadata',
      { name: 'Acme Inc.', metadata: { plan: 'gold' } },
      { metadata: { plan: 'free', since: '2020' } },
      {
        ...same,
        ...{ action: 'change', changes: ['name', 'metadata'] },
        writes: [patch({ name: 'Acme Inc.', metadata: { plan: 'gold' } })],
      },
    ],
    [
      'with a limit, called as in version 1',
      { rateLimit: 5 },
      {},
      { ...same, untaken: ['throttleRate 5: Hookline sends without such a limit'] },
    ],
    [
      'whose name is too long',
      { name: `${'x'.repeat(199)}\u{1f600}` },
      { name: 'x'.repeat(199) },
      { ...same, untaken: ['its name beyond 200 characters'] },
    ],
    [
      'whose uid no path can have',
      { uid: '..' },
      null,
      left(
        'uid: Expected 1 to 256 of A-Z, a-z, 0-9, ".", "_" and "-"; its endpoints are not taken over either',
      ),
    ],
  ])('%s', (_, source, target, expected) => {
    const others = target ? [application({ id: 'app_t', ...target })] : []
    const [plan] = planApplications([application(source)], others)
    expect(plan && told(plan.item)).toEqual(expected)
    expect(plan?.targetId).toBe(target ? 'app_t' : null)
  })

  it('is not taken for another one whose id is its uid', () => {
    const plans = planApplications(
      [application({ id: 'app_1', uid: null }), application({ id: 'app_2', uid: 'app_1' })],
      [],
    )
    expect(plans.map(({ item }) => item.action)).toEqual(['leave', 'create'])
  })
})

describe('an endpoint', () => {
  const one = (source: EndpointFields, target: EndpointFields | null, refused: string[] = []) => {
    const others = target ? [endpoint({ id: 'ep_t', ...target })] : []
    const [item] = planEndpoints('acme', [endpoint(source)], others, new Set(refused))
    return item && told(item)
  }
  const body = {
    ...{ url: 'https://acme.example/hook', uid: 'main', description: '', disabled: false },
    ...{ eventTypes: null, channels: null, metadata: {}, secret: SECRET, headers: {} },
  }
  const create = (changed: object) => ({
    ...{ method: 'POST', path: '/endpoint' },
    body: { ...body, ...changed },
  })
  const write = (method: string, end: string, sent: object) => ({
    ...{ method, path: `/endpoint/ep_t${end}`, body: sent },
  })
  const eleven = Array.from({ length: 11 }, (_, n) => `c${n}`)

  it.each<[string, EndpointFields, EndpointFields | null, object]>([
    ['that Hookline lacks', {}, null, { ...same, action: 'create', writes: [create({})] }],
    [
      'with all that is taken over',
      {
        ...{ uid: null, disabled: true, description: 'x', filterTypes: ['b', 'a'] },
        ...{ channels: ['z', 'y'], metadata: { a: 'b' }, headers: { 'X-A': '1' } },
      },
      null,
      {
        ...same,
        action: 'create',
        writes: [
          create({
            ...{ uid: 'ep_1', disabled: true, description: 'x', eventTypes: ['a', 'b'] },
            ...{ channels: ['y', 'z'], metadata: { a: 'b' }, headers: { 'X-A': '1' } },
          }),
        ],
      },
    ],
    [
      'that is the same, its lists in another order and its headers in other letters',
      { eventTypes: ['a', 'b'], channels: ['y', 'z'], headers: { 'X-A': '1' } },
      { eventTypes: ['b', 'a'], channels: ['z', 'y'], headers: { 'x-a': '1' } },
      same,
    ],
    [
      'that changed',
      { url: 'https://acme.example/new', disabled: true, channels: ['y'] },
      { eventTypes: ['a'] },
      {
        ...same,
        ...{ action: 'change', changes: ['url', 'disabled', 'eventTypes', 'channels'] },
        writes: [
          write('PATCH', '', {
            ...{ url: 'https://acme.example/new', disabled: true },
            ...{ eventTypes: null, channels: ['y'] },
          }),
        ],
      },
    ],
    [
      'whose secret was rotated',
      { secret: OTHER_SECRET },
      {},
      {
        ...same,
        ...{ action: 'change', changes: ['secret'] },
        writes: [write('POST', '/secret/rotate', { key: OTHER_SECRET })],
      },
    ],
    [
      'whose headers changed',
      { headers: { 'X-A': '2', 'X-C': '3' } },
      { headers: { 'x-a': '1', 'X-B': '2', 'X-C': '3' } },
      {
        ...same,
        ...{ action: 'change', changes: ['header X-A', 'header X-B'] },
        writes: [write('PATCH', '/headers', { headers: { 'X-A': '2', 'X-B': null } })],
      },
    ],
    [
      'of which all changed gets its secret first and its URL last, which may be refused',
      { secret: OTHER_SECRET, headers: { 'X-A': '1' }, url: 'http://10.0.0.1/' },
      {},
      {
        ...same,
        ...{ action: 'change', changes: ['url', 'secret', 'header X-A'] },
        writes: [
          write('POST', '/secret/rotate', { key: OTHER_SECRET }),
          write('PATCH', '/headers', { headers: { 'X-A': '1' } }),
          write('PATCH', '', { url: 'http://10.0.0.1/' }),
        ],
      },
    ],
    [
      'with a header whose value Svix does not show',
      { sensitive: ['Authorization'] },
      null,
      {
        ...same,
        ...{ action: 'create', writes: [create({})] },
        untaken: ['header Authorization: Svix does not show its value; set it by hand'],
      },
    ],
    [
      'whose hidden headers were set by hand, which stay',
      { sensitive: ['Authorization', 'X-Token'] },
      { sensitive: ['authorization'], headers: { 'x-token': 'set' } },
      same,
    ],
    [
      'with a header that Hookline sends itself',
      { headers: { 'Content-Type': 'text/plain', 'X-A': '1' } },
      null,
      {
        ...same,
        ...{ action: 'create', writes: [create({ headers: { 'X-A': '1' } })] },
        untaken: ['The header Content-Type is reserved and cannot be set on a webhook'],
      },
    ],
    [
      'with a limit and a transformation',
      { throttleRate: 10, isTransformed: true },
      { throttleRate: 10 },
      {
        ...same,
        untaken: ['its transformation: Hookline sends the payload as it was published'],
      },
    ],
    [
      'whose description is too long',
      { description: 'x'.repeat(2_001) },
      { description: 'x'.repeat(2_000) },
      { ...same, untaken: ['its description beyond 2000 characters'] },
    ],
    [
      'with eleven channels',
      { channels: eleven },
      null,
      left('channels: Too big: expected array to have <=10 items'),
    ],
    [
      'with an asymmetric key',
      { secret: 'whpk_VEVTVA==' },
      null,
      left(
        'it signs with an asymmetric key, of which Svix tells the public half alone: make it by hand, and give its receiver the new public key',
      ),
    ],
    [
      'with credentials in its URL',
      { url: 'https://user:pass@acme.example/' },
      null,
      left('url: A target URL must not contain a user name or password'),
    ],
  ])('%s', (_, source, target, expected) => {
    expect(one(source, target)).toEqual(expected)
  })

  it('for an event type that is not taken over is not either', () => {
    expect(one({ eventTypes: ['a', 'webhook.suspended'] }, null, ['webhook.suspended'])).toEqual(
      left('it is for the event type webhook.suspended, which is not taken over'),
    )
  })

  it('that only Hookline has is told, and stays', () => {
    const [, extra] = planEndpoints(
      'acme',
      [endpoint()],
      [endpoint({ id: 'ep_t' }), endpoint({ id: 'ep_u', uid: 'former' })],
      new Set(),
    )
    expect(extra).toMatchObject({ name: 'acme / former', ...same, action: 'extra' })
  })

  it('names no secret, URL or value of a header where it is told', () => {
    const [item] = planEndpoints(
      'acme',
      [
        endpoint({
          secret: OTHER_SECRET,
          headers: { 'X-A': 'hidden' },
          url: 'https://new.example/',
        }),
      ],
      [endpoint()],
      new Set(),
    )
    const { writes: _, ...shown } = item ?? { writes: [] }
    expect(JSON.stringify(shown)).toBe(
      '{"kind":"endpoint","name":"acme / main","action":"change","changes":["url","secret","header X-A"],"untaken":[]}',
    )
  })
})

describe('a secret', () => {
  const ofBytes = (size: number) => btoa('x'.repeat(size))
  it.each([
    [SECRET],
    [SECRET.slice(6)],
    [`whsec_${ofBytes(24)}`],
    [`whsec_${ofBytes(64)}`],
    [`whsk_${ofBytes(32)}`],
    [`whsk_${ofBytes(64)}`],
  ])('%s signs here, too', (secret) => {
    expect(flawInSecret(secret)).toBeNull()
  })

  it.each([
    ['of 23 bytes', `whsec_${ofBytes(23)}`],
    ['of 65 bytes', `whsec_${ofBytes(65)}`],
    ['with bits that no encoder writes', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx=='],
    ['that is no base64', 'whsec_****************************************'],
    ['of half a key pair', `whsk_${ofBytes(31)}`],
    ['of another kind', `whxx_${ofBytes(32)}`],
  ])('%s does not', (_, secret) => {
    expect(flawInSecret(secret)).toMatch(/^its secret is not/)
  })
})

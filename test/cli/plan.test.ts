// What a file comes to beside what there is.

import { describe, expect, it } from 'vitest'
import { type Fields, readDocument } from '../../cli/apply/document.ts'
import { type Present, planOf } from '../../cli/apply/plan.ts'
import { Failure } from '../../cli/failure.ts'

/** A thousand million items, were they all made. */
const BOMB = `a: &l0 [x]\n${Array.from({ length: 9 }, (_, at) => `b${at}: &l${at + 1} [${Array(10).fill(`*l${at}`).join(', ')}]`).join('\n')}`

const NOTHING: Present = { eventTypes: [], tenants: new Map(), webhooks: [] }
const USUAL = { prunes: false, setsSecrets: false }
const read = (text: string, environment = {}) => readDocument(text, 'hookline.yaml', environment)

const webhook = {
  ...{ id: '1', uid: 'billing', dialect: 'native', url: 'https://a.example/', pull: false },
  ...{ eventTypes: ['invoice.*'], scope: {}, headers: { 'X-A': '••••' }, filter: null },
  ...{ metadata: {}, channels: [], signing: 'hmac' },
  rate: { perSecond: 5, perMinute: null, concurrency: null },
  order: 'webhook',
  batch: { maxEvents: 5, maxWaitMs: 1_000 },
  failureHandling: { retry: { type: 'linear', attempts: 3 }, timeoutMs: 15_000, divert: true },
}

/** Steps for one webhook with these fields, beside `webhook`. */
const stepsFor = (fields: string, options = USUAL, known: Fields = webhook) =>
  planOf(
    read(`webhooks:\n  - uid: billing\n${fields.replace(/^/gm, '    ')}`),
    { ...NOTHING, webhooks: [known] },
    options,
  )

describe('a webhook', () => {
  it.each<[string, string, Fields?]>([
    ['its URL', 'url: https://a.example/'],
    ['what the API fills in', 'rate: { perSecond: 5 }\nbatch: { maxEvents: 5 }'],
    ['parts of its failure handling', 'failureHandling: { timeoutMs: 15000 }'],
    ['nothing in place of null', 'filter: null'],
    ['nothing in place of an empty list', 'metadata: null\nchannels: null\nscope: null'],
    ['an order in other words', 'order: { onFailure: continue }'],
    ['a type twice', "eventTypes: ['invoice.*', 'invoice.*']"],
    ['a channel twice', 'channels: [a, b, a]', { channels: ['a', 'b'] }],
    [
      'null where that changes nothing',
      'url: null\npull: null\neventTypes: null\nenabled: null\npaused: null',
      { enabled: false, paused: true },
    ],
    ['a header whose value nobody sees', 'headers: { x-a: other }'],
    ['a secret, which nobody sees', 'secret: whsec_x'],
  ])('stays where the file says the same: %s', (_, fields, known = {}) => {
    expect(stepsFor(fields, USUAL, { ...webhook, ...known })).toEqual([])
  })

  it.each([
    ['another URL', 'url: https://b.example/', ['url']],
    ['another order of types', 'eventTypes: [a, b]', ['eventTypes']],
    ['one part of its rate less', 'rate: { concurrency: 1 }', ['rate']],
    ['an order by key', 'order: { key: data.id }', ['order']],
    ['no batch', 'batch: null', ['batch']],
    ['no secret', 'secret: null', ['secret']],
    ['a secret of another kind', 'secret: whsk_x', ['secret']],
    ['another kind of signing', 'signing: ed25519\nsecret: whsk_x', ['signing', 'secret']],
    [
      'another part of its failure handling',
      'failureHandling: { divert: false }',
      ['failureHandling'],
    ],
    ['one header more', 'headers: { X-A: 1, X-B: 2 }', ['headers']],
    ['one entry of its scope more', 'scope: { a: b }', ['scope']],
    // So that the API says that there is none such.
    ['a field that no webhook has', 'utl: null', ['utl']],
  ])('is changed in that alone: %s', (_, fields, changed) => {
    expect(stepsFor(fields)).toMatchObject([
      { action: 'update', name: 'billing', fields: changed, method: 'PATCH', path: '/webhooks/1' },
    ])
    expect(Object.keys(stepsFor(fields)[0]?.body ?? {})).toEqual(changed)
  })

  it('gets its secret and headers anew where that is asked for', () => {
    const asked = { ...USUAL, setsSecrets: true }
    expect(stepsFor('secret: whsec_x\nheaders: { X-A: 1 }', asked)).toMatchObject([
      { fields: ['secret', 'headers'] },
    ])
  })

  it('is deleted where the file has none of its name, if that is asked for', () => {
    const others = [
      webhook,
      { ...webhook, id: '2', uid: null },
      { ...webhook, id: '3', uid: 'v', dialect: 'vendor' },
    ]
    const present = { ...NOTHING, webhooks: others }
    expect(planOf(read('webhooks: []'), present, USUAL)).toEqual([])
    expect(planOf(read('webhooks: []'), present, { ...USUAL, prunes: true })).toEqual([
      {
        ...{ action: 'delete', kind: 'webhook', name: 'billing', fields: [] },
        ...{ method: 'DELETE', path: '/webhooks/1' },
      },
    ])
    expect(planOf(read('eventTypes: []'), present, { ...USUAL, prunes: true })).toEqual([])
  })
})

describe('a tenant', () => {
  const file = `
tenants:
  - uid: acme
    name: Acme
    webhooks:
      - { uid: billing, url: "https://a.example/", eventTypes: [invoice.*] }`

  it('is made before its webhooks', () => {
    expect(planOf(read(file), NOTHING, USUAL)).toMatchObject([
      { action: 'create', kind: 'tenant', name: 'acme', body: { uid: 'acme', name: 'Acme' } },
      { action: 'create', kind: 'webhook', name: 'acme/billing', path: '/tenants/acme/webhooks' },
    ])
  })

  it('and its webhooks stay where they are so', () => {
    const fields = { id: '7', uid: 'acme', name: 'Acme', metadata: {}, retentionDays: 30 }
    const tenants = new Map([['acme', { fields, webhooks: [webhook] }]])
    expect(planOf(read(file), { ...NOTHING, tenants }, USUAL)).toEqual([])
    expect(
      planOf(read(file.replace('name: Acme', 'name: Acme Ltd')), { ...NOTHING, tenants }, USUAL),
    ).toMatchObject([
      { action: 'update', fields: ['name'], body: { name: 'Acme Ltd' }, path: '/tenants/acme' },
    ])
  })
})

describe('an event type', () => {
  const known = {
    ...{ name: 'invoice.paid', description: 'Paid.', group: null, deprecated: false },
    ...{ archived: false, featureFlag: null, check: 'warn', conversions: [], examples: [] },
    schemas: { '2026-11': { type: 'object' } },
  }
  const present = { ...NOTHING, eventTypes: [known] }
  const file = `
eventTypes:
  - name: invoice.paid
    description: Paid.
    check: warn
    schemas: { "2026-11": { type: object } }`

  it('stays where it is whole as the file says', () => {
    expect(planOf(read(file), present, USUAL)).toEqual([])
  })

  it('is saved whole: what the file leaves out is gone', () => {
    expect(planOf(read(file.replace('    check: warn\n', '')), present, USUAL)).toMatchObject([
      { action: 'update', fields: ['check'], method: 'PUT', path: '/event-types/invoice.paid' },
    ])
  })

  it('with a field that there is none of is saved, so that the API says so', () => {
    expect(planOf(read(`${file}\n    descripton: Paid.`), present, USUAL)).toMatchObject([
      { action: 'update', fields: ['descripton'], body: { descripton: 'Paid.' } },
    ])
  })

  it('has null in a schema for something else than nothing', () => {
    const schema = (text: string) =>
      read(`eventTypes: [{ name: t, schemas: { v: ${text} }, examples: [${text}] }]`)
    const { eventTypes = [] } = schema('{}')
    const [saved = {}] = eventTypes
    const whole = { ...known, description: null, check: 'off', ...saved }
    const plan = (text: string) =>
      planOf(schema(text), { ...NOTHING, eventTypes: [whole] }, USUAL).map(({ fields }) => fields)
    expect(plan('{}')).toEqual([])
    expect(plan('{ const: null }')).toEqual([['schemas', 'examples']])
  })

  it('is deleted last, if that is asked for', () => {
    const steps = planOf(read('eventTypes: [{ name: a }]'), present, { ...USUAL, prunes: true })
    expect(steps.map(({ action, name }) => `${action} ${name}`)).toEqual([
      'create a',
      'delete invoice.paid',
    ])
  })
})

describe('a file', () => {
  it('has values of the environment in their places, and none in schemas', () => {
    const text =
      'webhooks: [{ uid: a, secret: { $env: SECRET } }]\neventTypes: [{ name: t, examples: [{ $env: SECRET }] }]'
    expect(read(text, { SECRET: 'whsec_x' })).toEqual({
      webhooks: [{ uid: 'a', secret: 'whsec_x' }],
      eventTypes: [{ name: 't', examples: [{ $env: 'SECRET' }] }],
    })
  })

  it('has what stands at an anchor, wherever it is named', () => {
    const text =
      'webhooks:\n  - &usual { uid: a, eventTypes: [x], enabled: true }\n  - { <<: *usual, uid: b }'
    expect(read(text).webhooks).toEqual([
      { uid: 'a', eventTypes: ['x'], enabled: true },
      { uid: 'b', eventTypes: ['x'], enabled: true },
    ])
  })

  it.each([
    [BOMB, 'hookline.yaml: Excessive alias count'],
    ['webhooks: [*none]', 'hookline.yaml: Unresolved alias'],
    ['tenants: [', 'hookline.yaml:'],
    ['tenant: []', 'Unrecognized key'],
    ['webhooks: [{ url: "https://a.example/" }]', 'webhooks.0.uid'],
    ['webhooks: [{ uid: a }, { uid: a }]', 'the webhook a stands there twice.'],
    [
      'tenants: [{ uid: t, webhooks: [{ uid: a }, { uid: a }] }]',
      'the webhook t/a stands there twice.',
    ],
    ['webhooks: [{ uid: a, secret: { $env: NONE } }]', 'NONE of the environment is not set.'],
    ['a: 1\na: 2', 'unique'],
  ])('that is wrong is refused: %s', (text, says) => {
    expect(() => read(text)).toThrow(says)
    expect(() => read(text)).toThrow(Failure)
  })
})

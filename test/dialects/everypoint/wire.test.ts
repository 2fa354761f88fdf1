import { describe, expect, it } from 'vitest'
import { wire } from '../../../src/dialects/everypoint/wire.ts'
import { anEvent, anExhaustion, aWebhook } from '../models.ts'

const scope = { instance: 'default' }
const nowhere = { tenantName: 'Acme', variables: {} }

async function encode(
  type: string,
  data: string,
  { instance = 'default', variables = {} }: { instance?: string; variables?: object } = {},
) {
  const event = anEvent({ type, data, scope: { instance } })
  return wire.encode(event, aWebhook(), { tenantName: 'Acme', variables: { ...variables } })
}

describe('a notification', () => {
  it.each([
    [
      'job',
      '{"uri":"/jobs/1","status":"pending"}',
      '{"job":"https://api.everypoint.io/v3/instances/default/jobs/1"}',
    ],
    [
      'job',
      '{"status":"complete","uri":"\\/jobs\\/\\u00e9\\"é"}',
      '{"job":"https://api.everypoint.io/v3/instances/default\\/jobs\\/\\u00e9\\"é"}',
    ],
    [
      'annotation',
      '{"uri":"/annotations/9","trigger":"/triggers/3"}',
      '{"annotation":"https://api.everypoint.io/v3/instances/default/annotations/9"}',
    ],
    [
      'message',
      '{"folder":"/folders/a","body":""}',
      '{"message":{"folder":"https://api.everypoint.io/v3/instances/default/folders/a","body":""}}',
    ],
    [
      'message',
      '{ "body" : "\\ud83e\\ude9d 🪝 \\ud800 \\/ </script>" , "folder" : "/folders/a" }',
      '{"message":{"folder":"https://api.everypoint.io/v3/instances/default/folders/a","body":"\\ud83e\\ude9d 🪝 \\ud800 \\/ </script>"}}',
    ],
    [
      'message',
      '{"folder":"/folders/a","nested":{"body":"inner"},"body":"first","body":"last"}',
      '{"message":{"folder":"https://api.everypoint.io/v3/instances/default/folders/a","body":"last"}}',
    ],
  ])('of a %s with %s is %s', async (type, data, body) => {
    expect(await encode(type, data)).toEqual({ headers: [], body })
    expect(wire.accepts?.(anEvent({ type, data, scope }), aWebhook())).toBe(true)
  })

  it('names the instance that the event is of', async () => {
    const notification = await encode('job', '{"uri":"/jobs/1"}', { instance: 'dev-2' })
    expect(notification?.body).toBe('{"job":"https://api.everypoint.io/v3/instances/dev-2/jobs/1"}')
  })

  it.each([
    ['https://eu.example/api', 'https://eu.example/api'],
    ['https://eu.example/api//', 'https://eu.example/api'],
    ['', 'https://api.everypoint.io/v3'],
  ])('with the base URL %j starts with %s', async (base, start) => {
    const variables = { EVERYPOINT_BASE_URL: base }
    const notification = await encode('job', '{"uri":"/jobs/1"}', { variables })
    expect(notification?.body).toBe(`{"job":"${start}/instances/default/jobs/1"}`)
  })
})

describe('nothing is sent', () => {
  it.each([
    ['an annotation that no trigger created', 'annotation', '{"uri":"/annotations/9"}'],
    ['a trigger of null', 'annotation', '{"uri":"/annotations/9","trigger":null}'],
    ['an empty trigger', 'annotation', '{"uri":"/annotations/9","trigger":""}'],
    ['an annotation without URI', 'annotation', '{"trigger":"/triggers/3"}'],
    ['a job without URI', 'job', '{"status":"complete"}'],
    ['a URI that is a number', 'job', '{"uri":17}'],
    ['a URI without a slash', 'job', '{"uri":"@elsewhere.example/jobs/1"}'],
    ['an empty URI', 'job', '{"uri":""}'],
    ['a URI deeper inside', 'job', '{"job":{"uri":"/jobs/1"}}'],
    ['no data', 'job', '{}'],
    ['a message without folder', 'message', '{"body":"text"}'],
    ['a message without body', 'message', '{"folder":"/folders/a"}'],
    ['a body that is an object', 'message', '{"folder":"/folders/a","body":{"text":"text"}}'],
    ['an event of another type', 'webhook.suspended', '{"uri":"/jobs/1"}'],
    ['a type that objects inherit', 'toString', '{"uri":"/jobs/1"}'],
  ])('for %s', async (_, type, data) => {
    expect(await encode(type, data)).toBeNull()
  })

  it.each([
    ['an annotation that no trigger created', '{"uri":"/annotations/9"}', false],
    ['a trigger of null', '{"uri":"/annotations/9","trigger":null}', false],
    ['an empty trigger', '{"uri":"/annotations/9","trigger":""}', true],
    ['an annotation without URI', '{"trigger":"/triggers/3"}', true],
  ])('and of %s (%s) the instance is to be told: %s', (_, data, isAccepted) => {
    const event = anEvent({ type: 'annotation', data, scope })
    expect(wire.accepts?.(event, aWebhook())).toBe(isAccepted)
  })

  it('and of a job without URI the instance is to be told', () => {
    expect(wire.accepts?.(anEvent({ type: 'job', data: '{}', scope }), aWebhook())).toBe(true)
  })

  it.each([['Default'], [''], ['../other'], ['a"b'], ['a\nb']])(
    'for an instance whose name is %j',
    async (instance) => {
      expect(await encode('job', '{"uri":"/jobs/1"}', { instance })).toBeNull()
    },
  )

  it('for an event of no instance', async () => {
    const event = anEvent({ type: 'job', data: '{"uri":"/jobs/1"}', scope: {} })
    expect(await wire.encode(event, aWebhook({ scope }), nowhere)).toBeNull()
  })
})

describe('an alert', () => {
  it('says what was given up', () => {
    expect(JSON.parse(wire.alert(anExhaustion()))).toMatchObject({ type: 'webhook.exhausted' })
  })
})

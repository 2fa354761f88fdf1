// The body that a webhook's expression makes of an event.

import { describe, expect, it } from 'vitest'
import bodies from '../../../docs/bodies.md?raw'
import { shapedBody } from '../../../src/engine/attempt/shaped-body.ts'
import {
  type BodyShape,
  bodyShapeFor,
  type Event,
  nextBodies,
} from '../../../src/engine/model/index.ts'
import { newId } from '../../../src/primitives/ids.ts'

const AT = Date.UTC(2026, 10, 27)

const event: Event = {
  id: newId(AT),
  type: 'invoice.paid',
  time: '2026-11-27T00:00:00.000Z',
  data: '{"number": 42, "total": 1.10, "huge": 9007199254740993}',
  scope: { region: 'eu' },
  actor: null,
  requestId: null,
}

const shapes = (body: string | null): readonly BodyShape[] => [{ body, name: 'Acme', since: AT }]

const shaped = (body: string | null) => shapedBody(event, { id: 'w1', bodies: shapes(body) })

describe('a body that an expression makes', () => {
  it('is JSON, with numbers as they were written', async () => {
    expect(
      await shaped('{"n": data.huge, "of": webhook.name, "in": scope.region, "t": data.total}'),
    ).toEqual({
      body: '{"n":9007199254740993,"of":"Acme","in":"eu","t":1.10}',
    })
  })

  it('is a text where it makes one', async () => {
    expect(await shaped('"Invoice " & data.number & ": " & data.total')).toEqual({
      body: 'Invoice 42: 1.10',
      contentType: 'text/plain; charset=utf-8',
    })
  })

  it('tells why there is none', async () => {
    expect(await shaped('data.huge + 1')).toEqual({
      failure:
        'The expression in `body` fails: The number at data.huge cannot be computed with exactly; it can only be passed on.',
    })
    expect(await shaped('data.nothing')).toEqual({
      failure: 'The expression in `body` fails: It has no value for this event.',
    })
  })

  it('is not made where there is no expression', async () => {
    expect(await shaped(null)).toBeNull()
    expect(await shapedBody(event, { id: 'w1' })).toBeNull()
  })

  it('is that of the moment at which the event was accepted', () => {
    const history = [
      { body: '1', name: null, since: AT - 1_000 },
      { body: '2', name: null, since: AT + 1 },
    ]
    expect(bodyShapeFor(event.id, { bodies: history })?.body).toBe('1')
    expect(bodyShapeFor(newId(AT + 5), { bodies: history })?.body).toBe('2')
    expect(bodyShapeFor(newId(AT - 5_000), { bodies: history })).toBeNull()
  })

  it('is remembered where it is changed, for as long as events are kept', () => {
    const now = { now: AT, keptSince: AT - 100 }
    expect(nextBodies([], { body: null, name: 'Acme' }, now)).toEqual([])
    const one = nextBodies([], { body: '1', name: 'Acme' }, now)
    expect(one).toEqual([{ body: '1', name: 'Acme', since: AT }])
    expect(nextBodies(one, { body: '1', name: 'Acme' }, { now: AT + 10, keptSince: 0 })).toBe(one)
    const renamed = nextBodies(one, { body: '1', name: 'Other' }, { now: AT + 10, keptSince: AT })
    expect(renamed.map(({ name }) => name)).toEqual(['Acme', 'Other'])
    expect(
      nextBodies(renamed, { body: null, name: 'Other' }, { now: AT + 99, keptSince: AT + 50 }),
    ).toEqual([
      { body: '1', name: 'Other', since: AT + 10 },
      { body: null, name: 'Other', since: AT + 99 },
    ])
  })

  it.for([...bodies.matchAll(/```jsonata\n([\s\S]+?)\n```/g)].map(([, source = '']) => source))(
    'is JSON by the documented expression %s',
    async (source) => {
      const made = await shaped(source)
      expect(made).not.toHaveProperty('failure')
      expect(JSON.parse((made as { body: string }).body)).toBeTypeOf('object')
    },
  )
})

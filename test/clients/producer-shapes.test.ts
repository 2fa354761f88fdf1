// The types of hookline/producer against the API description: its fields, its codes, its answer. What is assigned here
// without a cast is held by the compiler.

import { exports } from 'cloudflare:workers'
import type { AcceptedEvent, AddressedEvent, ErrorCode, HooklineBinding } from 'hookline/producer'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import { isForGood } from '../../clients/failure.ts'
import type { AcceptedResponse } from '../../src/api/schema/event.ts'
import type { AddressedEventInput } from '../../src/engine/intake/event-input.ts'
import type { ENGINE_ERROR_CODES } from '../../src/errors.ts'
import { send } from '../fixtures/hookline.ts'

/** Every field, once. */
const FIELDS = {
  ...{ type: 'string', data: 'object', versions: 'object', id: 'string', time: 'string' },
  ...{ scope: 'object', channels: 'array', tags: 'array', actor: 'string', requestId: 'string' },
  ...{ traceparent: 'string', tracestate: 'string', deliverAt: 'string' },
  ...{ retentionDays: 'integer', tenant: 'string', createTenant: 'boolean' },
} as const satisfies Record<keyof AddressedEvent, string>

interface Schema {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

let schemas: Readonly<Record<string, Schema>>

beforeAll(async () => {
  const { body } = await send({ method: 'GET', path: '/v1/openapi.json' })
  schemas = (body as { components: { schemas: typeof schemas } }).components.schemas
})

const fieldsOf = (name: string) => schemas[name]?.properties ?? {}

describe('an event', () => {
  it('has the fields that the description has', () => {
    const described = fieldsOf('EventInput')
    const typeOf = ({ type, anyOf = [] }: Schema) =>
      [type].flat()[0] ?? anyOf.find((one) => one.type !== 'null')?.type
    const types = Object.fromEntries(
      Object.entries(described).map(([name, schema]) => [name, typeOf(schema)]),
    )
    expect(types).toEqual(FIELDS)
  })

  it('is one that the API takes, and the other way round', () => {
    type Taken = z.input<typeof AddressedEventInput>
    expectTypeOf<keyof AddressedEvent>().toEqualTypeOf<keyof Taken>()
    // Of the others the schema says more, or less, than a type can.
    type Other = 'type' | 'data' | 'versions' | 'scope' | 'channels' | 'tags'
    expectTypeOf<Omit<AddressedEvent, Other>>().toExtend<Omit<Taken, Other>>()
    expectTypeOf<Omit<Taken, Other>>().toExtend<Omit<AddressedEvent, Other>>()
  })
})

it('is answered with the fields that the description has', () => {
  const described = fieldsOf('AcceptedEvents').events?.items
  const example: Required<AcceptedEvent> = { id: '', type: '', duplicate: false, deliverAt: '' }
  expect(Object.keys(described?.properties ?? {}).toSorted()).toEqual(
    Object.keys(example).toSorted(),
  )
  expect(described?.required?.toSorted()).toEqual(['duplicate', 'id', 'type'])
  expectTypeOf<z.infer<typeof AcceptedResponse>['events'][number]>().toExtend<AcceptedEvent>()
})

it('fails with the codes that the description has', () => {
  for (const code of fieldsOf('Problem').code?.enum ?? ['none']) {
    expect(isForGood(code), code).not.toBeNull()
  }
  expectTypeOf<ErrorCode>().toEqualTypeOf<(typeof ENGINE_ERROR_CODES)[number]>()
})

it('fits the entrypoint that other Workers bind', () => {
  const binding: HooklineBinding = exports.Publisher
  expect(binding).toBeDefined()
})

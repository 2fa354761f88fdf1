import { expect, it } from 'vitest'
import { classify } from '../../../src/engine/attempt/classify.ts'
import type { TriggerPattern } from '../../../src/engine/model/index.ts'
import { delivered, failed } from './outcomes.ts'

const usual: readonly TriggerPattern[] = ['3xx', '4xx', '5xx', 'timeout']

it.each([
  ['a 2xx', delivered, usual, { kind: 'delivered' }],
  ['a 2xx without triggers', delivered, [], { kind: 'delivered' }],
  ['a 500 under 5xx', failed(500), usual, { kind: 'failed', trigger: 500 }],
  ['a 599 under 5xx', failed(599), usual, { kind: 'failed', trigger: 599 }],
  ['a 404 under 4xx', failed(404), usual, { kind: 'failed', trigger: 404 }],
  ...[301, 302, 304].map((status) => {
    const expected = { kind: 'failed', trigger: status } as const
    return [`a ${status} under 3xx`, failed(status), usual, expected] as const
  }),
  ['a 302 under 4xx alone', failed(302), ['4xx'], { kind: 'excluded', trigger: 302 }],
  ['a 600 under 5xx', failed(600), ['5xx'], { kind: 'failed', trigger: 600 }],
  ['a 999 under 5xx', failed(999), ['5xx'], { kind: 'failed', trigger: 999 }],
  ['a 999 under 4xx alone', failed(999), ['4xx'], { kind: 'excluded', trigger: 999 }],
  ['a 101 under timeout', failed(101), ['timeout'], { kind: 'failed', trigger: 'timeout' }],
  ['a 101 under 5xx alone', failed(101), ['5xx'], { kind: 'excluded', trigger: 'timeout' }],
  ['a 302 under 3xx', failed(302), ['3xx'], { kind: 'failed', trigger: 302 }],
  ['no answer under timeout', failed(null), usual, { kind: 'failed', trigger: 'timeout' }],
  ['no answer under codes only', failed(null), ['5xx'], { kind: 'excluded', trigger: 'timeout' }],
  ['a listed code', failed(503), [503], { kind: 'failed', trigger: 503 }],
  ['a code beside the listed one', failed(502), [503], { kind: 'excluded', trigger: 502 }],
  ['anything without triggers', failed(500), [], { kind: 'excluded', trigger: 500 }],
  ['a 410', failed(410), usual, { kind: 'gone', trigger: 410 }],
  ['a 410 that a trigger names', failed(410), ['4xx', 410], { kind: 'failed', trigger: 410 }],
  ['a 410 that no trigger covers', failed(410), [], { kind: 'gone', trigger: 410 }],
] as const)('%s', (_, outcome, triggers, expected) => {
  expect(classify(outcome, triggers)).toEqual(expected)
})

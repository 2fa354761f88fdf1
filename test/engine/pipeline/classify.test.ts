import { expect, it } from 'vitest'
import type { TriggerPattern } from '../../../src/engine/model.ts'
import { classify } from '../../../src/engine/pipeline/classify.ts'
import { delivered, failed } from './outcomes.ts'

const usual: readonly TriggerPattern[] = ['4xx', '5xx', 'timeout']

it.each([
  ['a 2xx', delivered, usual, { kind: 'delivered' }],
  ['a 2xx without triggers', delivered, [], { kind: 'delivered' }],
  ['a 500 under 5xx', failed(500), usual, { kind: 'failed', trigger: 500 }],
  ['a 599 under 5xx', failed(599), usual, { kind: 'failed', trigger: 599 }],
  ['a 404 under 4xx', failed(404), usual, { kind: 'failed', trigger: 404 }],
  ['a 302 under none', failed(302), usual, { kind: 'ignored', trigger: 302 }],
  ['a 302 under 3xx', failed(302), ['3xx'], { kind: 'failed', trigger: 302 }],
  ['no answer under timeout', failed(null), usual, { kind: 'failed', trigger: 'timeout' }],
  ['no answer under codes only', failed(null), ['5xx'], { kind: 'ignored', trigger: 'timeout' }],
  ['a listed code', failed(503), [503], { kind: 'failed', trigger: 503 }],
  ['a code beside the listed one', failed(502), [503], { kind: 'ignored', trigger: 502 }],
  ['anything without triggers', failed(500), [], { kind: 'ignored', trigger: 500 }],
  ['a 410', failed(410), usual, { kind: 'gone', trigger: 410 }],
  ['a 410 that a trigger names', failed(410), ['4xx', 410], { kind: 'failed', trigger: 410 }],
  ['a 410 that no trigger covers', failed(410), [], { kind: 'gone', trigger: 410 }],
] as const)('%s', (_, outcome, triggers, expected) => {
  expect(classify(outcome, triggers)).toEqual(expected)
})

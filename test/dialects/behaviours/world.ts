// What a behaviour starts with: a fresh tenant with a key that may do everything, and the subject's calls in its hands.

import { expect } from 'vitest'
import {
  type Answer,
  type Call,
  createKey,
  createTenant,
  openReceiver,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../../fixtures/hookline.ts'
import type { Calls, Expected, Shown, Subject } from '../subject.ts'

export type Behaviour = (subject: Subject) => Promise<void>

export interface World {
  readonly tenant: TestTenant
  readonly key: TestKey
  readonly send: (call: Call) => Promise<Answer>
}

export interface Made {
  readonly webhook: Shown
  readonly answer: Answer
}

export async function openWorld(subject?: string): Promise<World> {
  const tenant = await createTenant()
  return enter(tenant, await createKey(tenant, subject === undefined ? {} : { subject }))
}

/** The same tenant with another key. */
export function enter(tenant: TestTenant, key: TestKey): World {
  return { tenant, key, send: sendAs(key) }
}

/** Creates a webhook that points at a receiver of its own, unless told where. */
export async function make(
  { calls, idOf }: Subject,
  { tenant, send }: World,
  url = openReceiver().url,
): Promise<Made> {
  const answer = await send(await calls.create(tenant, url))
  expect(answer.status, answer.text).toBeLessThan(300)
  return { answer, webhook: { id: idOf(answer.body), url } }
}

export function expectAnswer(answer: Answer, expected: Expected): void {
  const { status, body } = answer
  expect({ status, body }, answer.text).toEqual({ body: undefined, ...expected })
}

export function expectError(answer: Answer, status: number, { error }: Subject): void {
  expectAnswer(answer, { status, body: error(status) })
  expect(answer.headers.get('content-type')).toMatch(/^application\/(problem\+)?json\b/)
}

/** The calls on one webhook that the surface has. */
export function callsOn({ calls }: Subject, tenant: TestTenant, id: string): readonly Call[] {
  const update = calls.update(tenant, id, 'https://changed.example/hook')
  return [calls.read(tenant, id), update, ...(calls.delete ? [calls.delete(tenant, id)] : [])]
}

/** All calls that the surface has, by name, for a webhook that may or may not exist. */
export async function allCalls(
  { calls }: Subject,
  tenant: TestTenant,
  id: string,
): Promise<readonly (readonly [name: keyof Calls, call: Call])[]> {
  return [
    ['create', await calls.create(tenant, 'https://another.example/hook')],
    ['read', calls.read(tenant, id)],
    ...(calls.list ? [['list', calls.list(tenant)] as const] : []),
    ['update', calls.update(tenant, id, 'https://changed.example/hook')],
    ...(calls.delete ? [['delete', calls.delete(tenant, id)] as const] : []),
  ]
}

/** A call that the behaviour cannot do without. */
export function need<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new Error(`The subject has no ${name}: name this a deviation.`)
  return part
}

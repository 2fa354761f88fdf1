// Real receivers that do something wrong: what Hookline's own sender meets there, and what its owner is told.

import { beforeAll, describe, expect, inject, it } from 'vitest'
import { toAttempt } from '../../src/engine/attempt/attempt.ts'
import { standardHeaders, withCustomHeaders } from '../../src/engine/attempt/request.ts'
import { type Diagnosis, diagnose } from '../../src/engine/diagnosis/diagnose.ts'
import type { WebhookSecrets } from '../../src/engine/model/index.ts'
import { createSender } from '../../src/platform/outgoing/send.ts'
import { FAULTY, HOOK, ODD, type Receiver, SIGNING_SECRET } from './receivers.ts'

const addresses = inject('receivers')
const SECRETS: WebhookSecrets = {
  headers: [],
  signing: [{ secret: SIGNING_SECRET, expiresAt: null }],
  attributes: {},
}
/** Long enough for whoever answers. */
const TIMEOUT_MS = 4_000
const HANGS_MS = 100

/** What the owner is told of an attempt there; null when it was delivered. */
async function diagnosisAt({ name, url, sends = {}, does }: Receiver): Promise<Diagnosis | null> {
  const address = addresses[name] ?? ''
  const hasConnection = typeof does === 'object' && ('status' in does || 'mistake' in does)
  const body = '{"type":"invoice.paid","data":{ "total": 1.10 }}'
  const id = 'msg_1'
  const headers = withCustomHeaders(
    Object.entries(sends),
    await standardHeaders(id, { body }, { secrets: SECRETS }, Date.now()),
  )
  const send = createSender({
    checkTarget: () => null,
    clock: Date.now,
    // Who answers has a name of its own, at which redirects and frameworks aim.
    ...(hasConnection && { fetch: (_: string, init: RequestInit) => fetch(address, init) }),
  })
  const hangs = typeof does === 'object' && 'socket' in does && does.socket === 'hangs'
  const outcome = await send({
    ...{ url: hasConnection ? (url ?? HOOK) : address, headers, body },
    timeoutMs: hangs ? HANGS_MS : TIMEOUT_MS,
  })
  const which = { id, eventId: id, eventType: 'invoice.paid', run: '', attempt: 1, at: 0 }
  return diagnose(toAttempt(which, outcome))
}

/** Whether a diagnosis is the right one, with the address and the name that it is to tell. */
function isRight({ cause, useUrl, by = '' }: Receiver, found: Diagnosis | null): boolean {
  if (found === null) return cause === null
  return (
    found.cause === cause && found.useUrl === (useUrl ?? null) && found.explanation.includes(by)
  )
}

const found = new Map<string, Diagnosis | null>()

beforeAll(async () => {
  const all = [...FAULTY, ...ODD]
  const diagnoses = await Promise.all(all.map(diagnosisAt))
  for (const [index, { name }] of all.entries()) found.set(name, diagnoses[index] ?? null)
})

describe('a faulty receiver', () => {
  it.each(FAULTY)('is named: $name', (receiver) => {
    expect([receiver.name, found.get(receiver.name)]).toMatchObject([
      receiver.name,
      { cause: receiver.cause },
    ])
    expect(isRight(receiver, found.get(receiver.name) ?? null)).toBe(true)
  })

  it('is named rightly in nearly all cases, and wrongly in none', ({ task }) => {
    const told = FAULTY.map((receiver) => [receiver, found.get(receiver.name) ?? null] as const)
    const right = told.filter(([receiver, diagnosis]) => isRight(receiver, diagnosis))
    const unnamed = told.filter(([, diagnosis]) => diagnosis?.cause === 'unknown')
    const wrong = told.length - right.length - unnamed.length
    task.meta.counted = `${FAULTY.length} faulty receivers, ${right.length} named rightly, ${unnamed.length} not named, ${wrong} wrongly`
    if (import.meta.env.VITE_RECEIVERS) task.meta.counted += toTable()
    expect(right.length).toBeGreaterThanOrEqual(28)
    expect(wrong).toBe(0)
  })
})

describe('a receiver that is odd', () => {
  it.each(ODD)('is not named as what it is not: $name', (receiver) => {
    const diagnosis = found.get(receiver.name) ?? null
    expect([receiver.name, diagnosis?.cause ?? null]).toEqual([receiver.name, receiver.cause])
    expect(diagnosis?.useUrl ?? null).toBeNull()
  })
})

/** All of them, with what is said of each. */
function toTable(): string {
  const lines = [...found].map(([name, diagnosis]) => {
    if (diagnosis === null) return `${name.padEnd(36)} –`
    const { cause, explanation, remedy } = diagnosis
    return `${name.padEnd(36)} ${cause.padEnd(22)} ${explanation} ${remedy}`
  })
  return `\n${lines.join('\n')}`
}

import { describe, expect, it } from 'vitest'
import { Acceptances, type KeyEntry } from '../../../src/engine/intake/acceptance.ts'
import type { Event, LoggedEvent } from '../../../src/engine/model/index.ts'
import type { AcceptRequest, Submission } from '../../../src/engine/ports/index.ts'
import { anEvent } from '../../dialects/models.ts'

interface Known {
  readonly keys?: Readonly<Record<string, KeyEntry>>
  readonly events?: readonly LoggedEvent[]
  /** `event/webhook` of which something was noted. */
  readonly noted?: readonly string[]
  /** Scheduled events that wait, and how many may. */
  readonly waiting?: readonly Event[]
  readonly room?: number
  /** Webhooks whose consumers read their events themselves. */
  readonly pulls?: readonly string[]
  /** A webhook whose events come in order. */
  readonly ordered?: string
}

/** Of scheduled events whose time has not come. */
const LATER = '2026-12-24T18:00:00.000Z'

/** Webhooks are named; an event is for as many as the last digit of its id says. */
function open({
  keys = {},
  events = [],
  noted = [],
  waiting = [],
  room = 9,
  pulls = [],
  ordered,
}: Known = {}) {
  return new Acceptances<string>({
    key: (name) => keys[name] ?? null,
    event: (id) => events.find((event) => event.id === id) ?? null,
    webhooksFor: ({ id }) => Array.from({ length: Number(id.at(-1)) }, (_, n) => `w${n + 1}`),
    idOf: (webhook) => webhook,
    isPull: (webhook) => pulls.includes(webhook),
    isOrdered: (webhook) => webhook === ordered,
    isAhead: ({ publishedAt = 0, time }) => publishedAt > 0 && time === LATER,
    waiting: ({ id }) => waiting.find((event) => event.id === id) ?? null,
    hasRoomFor: (added) => waiting.length + added.length <= room,
    erasedAt: () => null,
    isErasedElsewhere: () => false,
    untended: ({ id, webhookIds }) =>
      webhookIds.filter((webhook) => !noted.includes(`${id}/${webhook}`)),
  })
}

/** `e2 e1:k=hash`: an event without a key, and one with. */
function submissionsOf(text: string): Submission[] {
  return text.split(' ').map((word) => {
    const [id = '', keyed] = word.split(':')
    const [key = '', contentHash = ''] = keyed?.split('=') ?? []
    return { event: anEvent({ id }), key: keyed === undefined ? null : { key, contentHash } }
  })
}

function request(text: string, fields: Partial<AcceptRequest> = {}): AcceptRequest {
  return { submissions: submissionsOf(text), requestKey: null, most: 100, ...fields }
}

/** `a1: w1` for each delivery, with a question mark where it may have begun. */
function deliveriesOf(decided: ReturnType<Acceptances<string>['decide']>, ids: string) {
  if (decided.kind !== 'accepted') return decided
  const names = ids.split(' ').map((word) => word.split(':')[0])
  return decided.deliveries
    .map(
      ({ index, webhooks, mayHaveBegun }) =>
        `${names[index]}${mayHaveBegun ? '?' : ''} ${webhooks.join('+')}`,
    )
    .join(', ')
}

describe('a caller takes on', () => {
  it.each([
    ['all that fits', 'a2 b1', 100, 'a2 w1+w2, b1 w1', []],
    ['whole events until it has enough', 'a2 b2 c2 d2', 3, 'a2 w1+w2, b2 w1+w2', ['c2', 'd2']],
    ['as much as it asked for exactly', 'a2 b2 c2', 4, 'a2 w1+w2, b2 w1+w2', ['c2']],
    ['one event at least', 'a9 b1', 1, 'a9 w1+w2+w3+w4+w5+w6+w7+w8+w9', ['b1']],
    ['nothing of what nobody wants', 'a0 b0 c1 d0', 1, 'c1 w1', []],
  ])('%s', (_, events, most, taken, left) => {
    const acceptances = open()
    expect(deliveriesOf(acceptances.decide(request(events, { most })), events)).toBe(taken)
    expect(acceptances.left).toEqual(left)
    expect([...acceptances.events.keys()]).toEqual(events.split(' '))
  })

  it('what is its own: another of the same group has its share', () => {
    const acceptances = open()
    acceptances.decide(request('a2 b2', { most: 1 }))
    expect(deliveriesOf(acceptances.decide(request('c2 d2', { most: 1 })), 'c2 d2')).toBe(
      'c2 w1+w2',
    )
    expect(acceptances.left).toEqual(['b2', 'd2'])
  })

  it('nothing of what comes in order, which is handed over in the order of acceptance', () => {
    const acceptances = open({ ordered: 'w2' })
    expect(deliveriesOf(acceptances.decide(request('b2 a3')), 'b2 a3')).toBe('b2 w1, a3 w1+w3')
    acceptances.decide(request('c1 d2'))
    const handedOver = acceptances.ordered.map(({ event, webhook }) => `${event.id} ${webhook}`)
    expect(handedOver).toEqual(['b2 w2', 'a3 w2', 'd2 w2'])
    expect(acceptances.events.get('b2')?.webhookIds).toEqual(['w1', 'w2'])
    expect(acceptances.left).toEqual([])
  })

  it('of an event that is there already what nobody has noted, as what may have begun', () => {
    const event = { ...anEvent({ id: 'a3' }), webhookIds: ['x', 'y'] }
    const acceptances = open({ events: [event], noted: ['a3/x'] })
    const decided = acceptances.decide(request('a3'))
    expect(decided).toMatchObject({ answers: [{ id: 'a3', duplicate: false }] })
    expect(deliveriesOf(decided, 'a3')).toBe('a3? y')
    expect(acceptances.events.size).toBe(0)
  })

  it('nothing of an event that was taken care of', () => {
    const event = { ...anEvent({ id: 'a3' }), webhookIds: ['x'] }
    const acceptances = open({ events: [event], noted: ['a3/x'] })
    expect(deliveriesOf(acceptances.decide(request('a3')), 'a3')).toBe('')
  })

  it('nothing of an event that came without its content: whom it was for is not known', () => {
    const event = anEvent({ id: 'a3', data: 'null', expungedAt: 7 })
    const acceptances = open()
    const decided = acceptances.decide({
      ...request('b1'),
      submissions: [{ event, key: null }, ...submissionsOf('b1')],
    })
    expect(deliveriesOf(decided, 'a3 b1')).toBe('b1 w1')
    expect(acceptances.events.get('a3')).toEqual({ ...event, webhookIds: [] })
  })

  it('of an event that came twice in a group what may have begun with the other caller', () => {
    const acceptances = open()
    acceptances.decide(request('a2'))
    expect(deliveriesOf(acceptances.decide(request('a2')), 'a2')).toBe('a2? w1+w2')
    expect(acceptances.events.size).toBe(1)
  })
})

describe('a scheduled event', () => {
  const ahead = (id: string) => anEvent({ id, publishedAt: 1, time: LATER })
  const due = (id: string) => anEvent({ id, publishedAt: 1 })
  const handed = (...events: Event[]) => ({
    ...request('b1'),
    submissions: events.map((event) => ({ event, key: null })),
  })

  it('waits until its time comes, and is for nobody', () => {
    const acceptances = open()
    const decided = acceptances.decide(handed(ahead('a2'), anEvent({ id: 'b1' })))
    expect(decided).toMatchObject({ answers: [{ id: 'a2' }, { id: 'b1' }] })
    expect(deliveriesOf(decided, 'a2 b1')).toBe('b1 w1')
    expect([...acceptances.waiting.keys()]).toEqual(['a2'])
    expect([...acceptances.events.keys()]).toEqual(['b1'])
    expect(acceptances.left).toEqual([])
  })

  it('is accepted as it waits, not as it is handed in', () => {
    const waiting = [
      { ...due('a2'), cancelledAt: 5 },
      anEvent({ id: 'b2', publishedAt: 1, data: 'null', expungedAt: 5 }),
    ]
    const acceptances = open({ waiting })
    const decided = acceptances.decide(handed(due('a2'), due('b2'), due('c1')))
    expect(deliveriesOf(decided, 'a2 b2 c1')).toBe('c1 w1')
    expect([...acceptances.events.values()]).toMatchObject([
      { id: 'a2', cancelledAt: 5, webhookIds: [] },
      { id: 'b2', expungedAt: 5, webhookIds: [] },
      { id: 'c1', webhookIds: ['w1'] },
    ])
  })

  it.each([
    ['there is room for it', 1, ['a1'], 1, 'accepted'],
    ['there is none', 1, ['a1', 'b1'], 0, 'full'],
    ['it waits already', 0, ['w1'], 0, 'accepted'],
    ['it was accepted already', 0, ['x1'], 0, 'accepted'],
  ])('is refused with all of its request unless %s', (_, more, ids, kept, kind) => {
    const events = [{ ...due('x1'), webhookIds: [] }]
    const acceptances = open({ waiting: [ahead('w1')], events, room: 1 + more })
    const asked = { ...request('y1:k=h'), submissions: handed(...ids.map(ahead)).submissions }
    expect(acceptances.decide(asked).kind).toBe(kind)
    expect(acceptances.waiting.size).toBe(kept)
    expect(acceptances.keys.size).toBe(0)
  })

  it('counts with those that the same group brings', () => {
    const acceptances = open({ room: 1 })
    expect(acceptances.decide(handed(ahead('a1'))).kind).toBe('accepted')
    expect(acceptances.decide(handed(ahead('b1'))).kind).toBe('full')
    expect(acceptances.decide({ ...handed(ahead('c1')), isPromised: true }).kind).toBe('accepted')
  })
})

describe('the key of an event', () => {
  const keys = { 'event:k': { contentHash: 'h', answer: 'old1' } }

  it('is written with the event', () => {
    const acceptances = open()
    acceptances.decide(request('a1:k=h b1'))
    expect([...acceptances.keys]).toEqual([['event:k', { contentHash: 'h', answer: 'a1' }]])
  })

  it('makes another event with it a duplicate, which is neither written nor sent', () => {
    const acceptances = open({ keys })
    const decided = acceptances.decide(request('a1:k=h b1'))
    expect(decided).toMatchObject({
      answers: [
        { id: 'old1', duplicate: true },
        { id: 'b1', duplicate: false },
      ],
    })
    expect(deliveriesOf(decided, 'a1 b1')).toBe('b1 w1')
    expect([...acceptances.events.keys()]).toEqual(['b1'])
    expect(acceptances.keys.size).toBe(0)
  })

  it('counts within a request, and within a group of them', () => {
    const acceptances = open()
    expect(acceptances.decide(request('a1:k=h b1:k=h'))).toMatchObject({
      answers: [
        { id: 'a1', duplicate: false },
        { id: 'a1', duplicate: true },
      ],
    })
    expect(acceptances.decide(request('c1:k=h'))).toMatchObject({
      answers: [{ id: 'a1', duplicate: true }],
    })
    expect([...acceptances.events.keys()]).toEqual(['a1'])
  })

  it('does not make the same event a duplicate of itself', () => {
    const event = { ...anEvent({ id: 'old1' }), webhookIds: ['x'] }
    const acceptances = open({ keys, events: [event] })
    const decided = acceptances.decide(request('old1:k=h'))
    expect(decided).toMatchObject({ answers: [{ id: 'old1', duplicate: false }] })
    expect(deliveriesOf(decided, 'old1')).toBe('old1? x')
  })

  it('that stands for other content refuses the whole request, of which nothing is left', () => {
    const acceptances = open({ keys })
    expect(acceptances.decide(request('a1 b1:z=h c1:k=other'))).toEqual({
      kind: 'conflict',
      index: 2,
    })
    expect(acceptances.decide(request('d1:n=1 e1:n=2'))).toEqual({ kind: 'conflict', index: 1 })
    expect([acceptances.events.size, acceptances.keys.size]).toEqual([0, 0])
    expect(acceptances.left).toEqual([])
  })
})

describe('the key of a request', () => {
  const requestKey = { key: 'r', contentHash: 'h' }

  it('gives its repetition the first answer, duplicates and all', () => {
    const first = open({ keys: { 'event:k': { contentHash: 'h', answer: 'old1' } } })
    const answered = first.decide(request('a1:k=h b1', { requestKey }))
    const written = Object.fromEntries(first.keys)
    expect(Object.keys(written)).toEqual(['request:r'])
    const acceptances = open({ keys: written })
    expect(acceptances.decide(request('c1 d1', { requestKey }))).toEqual({
      ...answered,
      deliveries: [],
    })
    expect([acceptances.events.size, acceptances.keys.size]).toEqual([0, 0])
  })

  it('counts within a group', () => {
    const acceptances = open()
    acceptances.decide(request('a1', { requestKey }))
    expect(acceptances.decide(request('b1', { requestKey }))).toMatchObject({
      answers: [{ id: 'a1', duplicate: false }],
      deliveries: [],
    })
  })

  it('that stands for another request is refused', () => {
    const acceptances = open()
    acceptances.decide(request('a1', { requestKey }))
    const other = { key: 'r', contentHash: 'other' }
    expect(acceptances.decide(request('b1', { requestKey: other }))).toEqual({ kind: 'mismatch' })
    expect([...acceptances.events.keys()]).toEqual(['a1'])
  })
})

it('sends nothing to a webhook whose consumers read its events themselves, and notes whose it is', () => {
  const acceptances = open({ pulls: ['w1', 'w3'] })
  const decided = acceptances.decide(request('a3 b1'))
  expect(deliveriesOf(decided, 'a3 b1')).toBe('a3 w2')
  expect(acceptances.events.get('a3')).toMatchObject({
    ...{ webhookIds: ['w2'], pullWebhookIds: ['w1', 'w3'] },
  })
  expect(acceptances.events.get('b1')).toMatchObject({ webhookIds: [], pullWebhookIds: ['w1'] })
  expect(acceptances.left).toEqual([])
})

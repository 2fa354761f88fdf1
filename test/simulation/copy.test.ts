// The event log's copy of the webhooks is never older than a change that its caller was told of, whatever fails and dies
// meanwhile; and each step of the protocol is needed for that.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WebhookCopy } from '../../src/platform/durable/event-log/webhook-copy.ts'
import { CopyPlay, type Parts, SOUND } from './copy-play.ts'

/** Another one each time, unless told. */
const seed = Number(import.meta.env.VITE_COPY_SEED ?? Date.now() % 2 ** 31)
const PLAYS = Number(import.meta.env.VITE_COPY_PLAYS ?? 1_500)
/** In which a fault shows, sooner or later; always the same ones. */
const FAULTY = { seed: 1, numRuns: 30_000, endOnFailure: true } as const

const choices = fc.array(fc.nat({ max: 239 }), { minLength: 20, maxLength: 400, size: 'max' })

const playWith = (parts: Parts) =>
  fc.asyncProperty(choices, async (chosen) => {
    const play = new CopyPlay(chosen, parts)
    await play.run()
    expect(play.broken).toEqual([])
  })

it(
  'no event is matched by webhooks older than a change that was answered',
  async () => {
    const sum = { accepted: 0, answered: 0, fenced: 0, deaths: 0 }
    const property = fc.asyncProperty(choices, async (chosen) => {
      const play = new CopyPlay(chosen)
      await play.run()
      for (const name of ['accepted', 'answered', 'fenced', 'deaths'] as const) {
        sum[name] += play.counts[name]
      }
      expect(play.broken).toEqual([])
    })
    await fc.assert(property, { seed, numRuns: PLAYS })
    // The plays are about something.
    for (const count of Object.values(sum)) expect(count).toBeGreaterThan(PLAYS / 10)
  },
  30_000 + PLAYS * 5,
)

it('a play without choices goes well', async () => {
  const play = new CopyPlay([])
  await play.run()
  expect(play).toMatchObject({ broken: [], counts: { accepted: 12, answered: 9, deaths: 0 } })
})

/** Uses what was read last, announced or not. */
class Hasty<W> extends WebhookCopy<W> {
  private last: WebhookCopy<W>['present'] = null
  override get present() {
    return super.present ?? this.last
  }
  override async refresh() {
    const read = await super.refresh()
    this.last = read
    return read
  }
}

/** Whoever asks while a read is under way takes what that brings. */
class Sharing<W> extends WebhookCopy<W> {
  private running: ReturnType<WebhookCopy<W>['refresh']> | null = null
  override refresh() {
    this.running ??= super.refresh().finally(() => {
      this.running = null
    })
    return this.running
  }
}

const FAULTS: Readonly<Record<string, Partial<Parts>>> = {
  'is not announced': {
    announcements: ({ confirm }, presentEpoch) => ({
      announce: async () => presentEpoch(),
      confirm,
    }),
  },
  'is announced only until the object dies': {
    storage: (storage) => ({ ...storage, announce: () => {} }),
  },
  'is confirmed before it is written': {
    announcements: ({ announce, confirm }) => ({
      async announce(tenantId, changeId, isFenced) {
        const epoch = await announce(tenantId, changeId, isFenced)
        await confirm(changeId)
        return epoch
      },
      confirm: async () => {},
    }),
  },
  'is passed over while it is announced': {
    copy: (source, storage, clock) => new Hasty(source, storage, clock),
  },
  'is forgotten without a fence': {
    source(source) {
      let isPretended = false
      return {
        async raiseEpoch() {
          isPretended = true
        },
        async read() {
          const read = await source.read()
          const above = isPretended ? 1 : 0
          isPretended = false
          return read && { ...read, epoch: read.epoch + above }
        },
      }
    },
  },
  'is written whatever the epoch': {
    store: (store) => ({
      insert: (webhook, most) => store.insert(webhook, most),
      update: (ref, decide) => store.update(ref, decide),
      delete: (ref) => store.delete(ref),
    }),
  },
  'is looked for in a read that began before the question': {
    copy: (source, storage, clock) => new Sharing(source, storage, clock),
  },
  'is read and not kept, though it is forgotten': {
    storage(storage) {
      let isFirst = true
      return {
        ...storage,
        save(snapshot) {
          if (isFirst || snapshot === null) storage.save(snapshot)
          isFirst = false
        },
      }
    },
  },
}

describe('an event misses a change that', () => {
  it.each(Object.entries(FAULTS))('%s', async (_, fault) => {
    const { failed, counterexample } = await fc.check(playWith({ ...SOUND, ...fault }), FAULTY)
    expect(failed).toBe(true)
    expect(counterexample).not.toBeNull()
  })
})

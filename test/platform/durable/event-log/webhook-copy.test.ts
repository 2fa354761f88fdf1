import { expect, it } from 'vitest'
import {
  type Announcement,
  type Snapshot,
  WebhookCopy,
} from '../../../../src/platform/durable/event-log/webhook-copy.ts'

type State = Snapshot<string>

const snapshotOf = (...webhooks: string[]): State => ({ tenantName: 'Acme', epoch: 1, webhooks })

/** A storage that copies share, and reads that end when a test says so. */
function openCopies() {
  const reads: PromiseWithResolvers<State | null>[] = []
  const kept = { snapshot: null as State | null, announcements: new Map<string, Announcement>() }
  const source = {
    read() {
      const read = Promise.withResolvers<State | null>()
      reads.push(read)
      return read.promise
    },
    raiseEpoch: async () => {},
  }
  const storage = {
    load: () => ({ ...kept, announcements: [...kept.announcements.values()] }),
    save(snapshot: State | null) {
      kept.snapshot = snapshot
    },
    announce: (one: Announcement) => void kept.announcements.set(one.id, one),
    forget(ids: readonly string[]) {
      for (const id of ids) kept.announcements.delete(id)
    },
  }
  return { reads, kept, open: () => new WebhookCopy(source, storage, () => 0) }
}

const later = () => new Promise((go) => setTimeout(go, 5))

it('what a closed copy has read is not kept over what its successor knows', async () => {
  const { reads, kept, open } = openCopies()
  const former = open()
  const asked = former.current()
  await later()
  former.close()
  const present = open().current()
  await later()
  reads[1]?.resolve(snapshotOf('new'))
  expect(await present).toEqual(snapshotOf('new'))
  reads[0]?.resolve(snapshotOf('old'))
  await expect(asked).rejects.toThrow('anew')
  expect(kept.snapshot).toEqual(snapshotOf('new'))
})

it('nothing is announced to a closed copy', async () => {
  const { reads, kept, open } = openCopies()
  const former = open()
  const announced = former.announce('change', false)
  await later()
  former.close()
  reads[0]?.resolve(snapshotOf('a'))
  await expect(announced).rejects.toThrow('anew')
  expect(kept.announcements.size).toBe(0)
})

it('whoever asks while a read is under way shares the next one', async () => {
  const { reads, open } = openCopies()
  const copy = open()
  const first = copy.current()
  await later()
  const others = [copy.current(), copy.refresh()]
  await later()
  expect(reads).toHaveLength(1)
  reads[0]?.resolve(snapshotOf('a'))
  expect(await first).toEqual(snapshotOf('a'))
  await later()
  expect(reads).toHaveLength(2)
  reads[1]?.resolve(snapshotOf('b'))
  expect(await Promise.all(others)).toEqual([snapshotOf('b'), snapshotOf('b')])
  expect(copy.present).toEqual(snapshotOf('b'))
})

it('a read that fails fails those who share it, and no other one', async () => {
  const { reads, open } = openCopies()
  const copy = open()
  const first = Promise.allSettled([copy.current()])
  await later()
  const second = copy.current()
  reads[0]?.reject(new Error('The database is down.'))
  expect(await first).toMatchObject([{ status: 'rejected' }])
  await later()
  reads[1]?.resolve(snapshotOf('b'))
  expect(await second).toEqual(snapshotOf('b'))
})

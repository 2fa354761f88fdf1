// A change of webhooks and the event log that must not miss it.

import { describe, expect, it } from 'vitest'
import { announcing } from '../../../src/engine/configuration/announced-changes.ts'
import type { Webhook } from '../../../src/engine/model/index.ts'
import type { LogLine, WebhookStore } from '../../../src/engine/ports/index.ts'
import { EngineError, FENCED } from '../../../src/errors.ts'
import { Bench, broken } from '../../fixtures/bench.ts'

const fenced = new EngineError('unavailable', 'The change came too late.', { cause: FENCED })
const refused = new EngineError('invalid', 'No.')
const unknown = new EngineError('unavailable', 'The answer was lost.')

/** The steps of changes in order: `announce`, `announce again`, `write EPOCH`, `confirm`. */
async function open({
  writes = [],
  confirm = async () => {},
}: {
  /** What the writes come to in turn; the last one from then on. Null: they are written. */
  readonly writes?: readonly (Error | null)[]
  readonly confirm?: () => Promise<void>
} = {}) {
  const bench = await Bench.open()
  const webhook = await bench.webhook()
  const steps: string[] = []
  const ids: string[] = []
  const lines: LogLine[] = []
  let epoch = 0
  const outcomes = [...writes]
  const write = (written: number | undefined) => {
    steps.push(`write ${written}`)
    const outcome = (outcomes.length > 1 ? outcomes.shift() : outcomes[0]) ?? null
    if (outcome !== null) throw outcome
  }
  const webhooks: WebhookStore = {
    ...bench.ports.webhooks,
    insert: async (_, __, at) => {
      write(at)
      return 'inserted'
    },
    update: async (_, __, at) => {
      write(at)
      return webhook
    },
    delete: async (_, at) => {
      write(at)
      return webhook
    },
  }
  const store = announcing({
    webhooks,
    clock: () => Date.now(),
    log: (line) => void lines.push(line),
    eventLog: (id) => ({
      ...bench.ports.eventLog(id),
      announce: async (tenantId, changeId, isFenced) => {
        expect([id, tenantId]).toEqual([bench.tenantId, bench.tenantId])
        ids.push(changeId)
        epoch += 1
        steps.push(isFenced ? 'announce again' : 'announce')
        return epoch
      },
      confirm: async (changeId) => {
        expect(ids.at(-1)).toBe(changeId)
        steps.push('confirm')
        await confirm()
      },
    }),
  })
  return { bench, webhook, store, steps, ids, lines }
}

const changes: [string, (store: WebhookStore, webhook: Webhook) => Promise<unknown>][] = [
  ['insert', (store, webhook) => store.insert(webhook, 10, 0)],
  ['update', (store, { tenantId, id }) => store.update({ tenantId, id }, (one) => one, 0)],
  ['delete', (store, { tenantId, id }) => store.delete({ tenantId, id }, 0)],
]

describe.each(changes)('a change (%s)', (_, change) => {
  it('is announced before it is written, in the epoch that was told, and confirmed after that', async () => {
    const { store, webhook, steps } = await open()
    await change(store, webhook)
    expect(steps).toEqual(['announce', 'write 1', 'confirm'])
  })

  it('that was refused is confirmed: it will never be written', async () => {
    const { store, webhook, steps } = await open({ writes: [refused] })
    await expect(change(store, webhook)).rejects.toBe(refused)
    expect(steps).toEqual(['announce', 'write 1', 'confirm'])
  })

  it.each([
    ['as unavailable', unknown],
    ['in any other way', new TypeError('There is a bug.')],
  ])('that failed %s stays announced: it may have been written', async (__, error) => {
    const { store, webhook, steps } = await open({ writes: [error] })
    await expect(change(store, webhook)).rejects.toBe(error)
    expect(steps).toEqual(['announce', 'write 1'])
  })

  it('whose epoch was over is confirmed, and made anew under another name', async () => {
    const { store, webhook, steps, ids } = await open({ writes: [fenced, null] })
    await change(store, webhook)
    expect(steps).toEqual([
      ...['announce', 'write 1', 'confirm'],
      ...['announce again', 'write 2', 'confirm'],
    ])
    expect(new Set(ids).size).toBe(2)
  })

  it('whose epoch was over three times is given up, with nothing announced', async () => {
    const { store, webhook, steps } = await open({ writes: [fenced] })
    await expect(change(store, webhook)).rejects.toBe(fenced)
    expect(steps).toEqual([
      ...['announce', 'write 1', 'confirm'],
      ...['announce again', 'write 2', 'confirm'],
      ...['announce again', 'write 3', 'confirm'],
    ])
  })

  it('that failed in an unknown way after it was made anew stays announced', async () => {
    const { store, webhook, steps } = await open({ writes: [fenced, unknown] })
    await expect(change(store, webhook)).rejects.toBe(unknown)
    expect(steps.slice(3)).toEqual(['announce again', 'write 2'])
  })

  it('that was written is no failure where that cannot be confirmed, and that is logged', async () => {
    const { store, webhook, lines, bench } = await open({ confirm: async () => broken() })
    await expect(change(store, webhook)).resolves.toBeDefined()
    expect(lines).toEqual([
      { event: 'change.unconfirmed', tenantId: bench.tenantId, error: 'Error: down' },
    ])
  })
})

it('a change that cannot be announced is not written', async () => {
  const bench = await Bench.open()
  const down = bench.with(bench.eventLogsWhere({ announce: async () => broken() }))
  await expect(down.webhook()).rejects.toThrow('down')
  const found = await bench.engine.webhooks.list({ tenantId: bench.tenantId }, { limit: 9 })
  expect(found).toEqual([])
})

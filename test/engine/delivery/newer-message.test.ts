// Messages of a newer version: they wait for one that can read them, and are never a dead letter.

import { describe, expect, it } from 'vitest'
import { toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import { isNewer } from '../../../src/engine/messages/version.ts'
import { JOINT_RUN } from '../../../src/engine/model/index.ts'
import { aDelivery, anEvent, Bench, broken, inbound } from '../../fixtures/bench.ts'

const DAY_MS = 86_400_000
const NEWER = 'frame/1 {"v":5,"anything":"else"}\n'

it.each([
  [NEWER, true],
  ['frame/2 whatever that may be', true],
  ['frame/1 {"v":1,"kind":"purge"}\n', false],
  ['frame/1 {"v":2,"kind":"purge"}\n', false],
  ['frame/1 {"v":3,"kind":"purge"}\n', false],
  ['frame/1 {"v":4,"kind":"purge"}\n', false],
  ['frame/1 {"kind":"purge","v":2}\n', false],
  ['frame/1 not JSON', false],
  ['{"v":2,"tenantId":"","events":[]}', false],
  [{ v: 2 }, false],
])('%j is newer: %s', (body, expected) => {
  expect(isNewer(body)).toBe(expected)
})

it('what this version writes is not', async () => {
  const bench = await Bench.open()
  const webhook = await bench.webhook()
  for (const events of [[anEvent()], [anEvent(), anEvent()]]) {
    expect(bench.eventMessage(events)).toMatch(/^frame\/1 \{"v":1,/)
    expect(isNewer(bench.eventMessage(events))).toBe(false)
  }
  const text = toDeliveryText(aDelivery(webhook, anEvent()))
  expect(text).toMatch(/^frame\/1 \{"v":1,/)
  expect(isNewer(text)).toBe(false)
})

it('what this version writes with data by version is newer to those that do not know it', async () => {
  const bench = await Bench.open()
  const webhook = await bench.webhook()
  const versions = [
    { from: '1', version: '1', data: '{}' },
    { from: '2', version: '2' },
  ]
  const event = { ...anEvent(), versions }
  const texts = [bench.eventMessage([anEvent(), event]), toDeliveryText(aDelivery(webhook, event))]
  for (const text of texts) {
    expect(text).toMatch(/^frame\/1 \{"v":2,/)
    expect(isNewer(text)).toBe(false)
  }
})

it('a joint delivery is newer to those that would send what stands for its events', async () => {
  const bench = await Bench.open()
  const webhook = await bench.webhook()
  const text = toDeliveryText({ ...aDelivery(webhook, anEvent()), run: JOINT_RUN })
  expect(text).toMatch(/^frame\/1 \{"v":4,/)
  expect(isNewer(text)).toBe(false)
})

describe.each(['events', 'deliveries', 'deadEvents', 'deadDeliveries'] as const)(
  'a newer message in the hands of %s',
  (consumer) => {
    const consume = async (bench: Bench, how: Parameters<typeof inbound>[1]) => {
      const [verdict] = await bench.engine.consumers[consumer]([inbound(NEWER, how)])
      return verdict
    }

    it('comes again, more rarely each time', async () => {
      const bench = await Bench.open()
      expect(await consume(bench, { attempts: 1 })).toEqual({ kind: 'retry', delaySeconds: 10 })
      expect(await consume(bench, { attempts: 3 })).toEqual({ kind: 'retry', delaySeconds: 40 })
      expect(bench.repeated).toEqual([])
      expect(bench.lines).toContainEqual(expect.objectContaining({ event: 'message.newer' }))
      expect(await bench.ports.deadLetters.list({ limit: 9, before: null })).toEqual([])
    })

    it.each([
      ['its hundredth arrival', { attempts: 90 }],
      ['it is four days old', { timestamp: Date.now() - 2 * DAY_MS }],
    ])('is stored anew before %s', async (_, how) => {
      const bench = await Bench.open()
      expect(await consume(bench, how)).toEqual({ kind: 'ack' })
      expect(bench.repeated).toEqual([{ text: NEWER, delaySeconds: 900 }])
    })

    it('stays when it cannot be stored anew', async () => {
      const repeat = async () => broken()
      const bench = (await Bench.open()).with({ events: { repeat }, deliveries: { repeat } })
      expect(await consume(bench, { attempts: 90 })).toMatchObject({ kind: 'retry' })
    })
  },
)

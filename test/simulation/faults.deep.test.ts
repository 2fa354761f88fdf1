// Every call of every port, going wrong in every way, in plays from publish to replay: in the end every event has been
// delivered, diverted, or dropped by policy, and nothing was sent that policy forbids.

import { describe, expect, it } from 'vitest'
import type { FaultMode } from '../fakes/world.ts'
import { type Play, Rehearsal } from './rehearsal.ts'
import { checkRehearsal } from './rehearsal-promises.ts'

const MODES: readonly FaultMode[] = ['before', 'after', 'stall', 'mute', 'hang', 'die']

const SUSPENDED_AT_ONCE = {
  retry: { type: 'schedule', delaysSeconds: [5, 60] },
  suspend: { afterSeconds: 0, afterFailures: 1 },
} as const

const PLAYS: Readonly<Record<string, Play>> = {
  'publish → deliver → fail → retry → succeed → suspend → resume → resend': {
    through: ['webhooks', 'monitor', 'eventLog', 'events', 'deliveries', 'send', 'objects'],
    receivers: [{}, SUSPENDED_AT_ONCE],
    scenes: [
      (stage) => stage.publish(2),
      async (stage) => {
        await stage.behave(0, 'error')
        await stage.behave(1, 'slow')
        await stage.publish(2)
      },
      (stage) => stage.pass(10_000),
      async (stage) => {
        await stage.behave(0, 'ok')
        await stage.behave(1, 'error')
        await stage.publish(2)
      },
      (stage) => stage.pass(10_000),
      (stage) => stage.pass(70_000),
      (stage) => stage.publish(1),
      async (stage) => {
        await stage.behave(1, 'ok')
        await stage.resume(1)
        await stage.resendDiverted(1)
        await stage.resend(0, stage.accepted[0])
      },
      (stage) => stage.pass(20_000),
    ],
  },
  'a key that is used again, another Worker, and what nobody can read': {
    through: ['eventLog', 'deadLetters'],
    receivers: [{}],
    scenes: [
      (stage) => stage.publish(1, 'order-1'),
      (stage) => stage.publish(1, 'order-1'),
      async (stage) => {
        stage.produce('order-2')
        stage.garble('events')
        stage.garble('deliveries')
        await stage.publish(1)
      },
      (stage) => stage.pass(20_000),
    ],
  },
  'a resend of 120 diverted events': {
    through: ['objects'],
    receivers: [{}],
    scenes: [
      async (stage) => {
        await stage.behave(0, 'gone')
        await stage.publish(1)
      },
      (stage) => stage.publish(120),
      async (stage) => {
        await stage.behave(0, 'ok')
        await stage.resume(0)
        await stage.resendDiverted(0)
      },
      (stage) => stage.pass(20_000),
      (stage) => stage.pass(20_000),
    ],
  },
  'publish → pause → publish → retry that waits → resume': {
    through: ['webhooks', 'monitor', 'eventLog', 'deliveries', 'send', 'objects'],
    receivers: [{}, {}],
    scenes: [
      async (stage) => {
        await stage.behave(0, 'error')
        await stage.publish(2)
      },
      async (stage) => {
        await stage.pause(0, true)
        await stage.publish(3)
      },
      (stage) => stage.pass(10_000),
      async (stage) => {
        await stage.behave(0, 'ok')
        await stage.publish(2)
      },
      (stage) => stage.pass(7_200_000),
      (stage) => stage.pause(0, false),
      (stage) => stage.publish(2),
      (stage) => stage.pass(20_000),
    ],
  },
  'a rate → publish more than it has room for → retry that takes a permit': {
    through: ['webhooks', 'monitor', 'eventLog', 'send', 'objects'],
    receivers: [{}, {}],
    scenes: [
      (stage) => stage.rate(0, 1),
      async (stage) => {
        await stage.behave(0, 'error')
        await stage.publish(2)
      },
      (stage) => stage.pass(1_000),
      (stage) => stage.behave(0, 'ok'),
      (stage) => stage.publish(2),
      (stage) => stage.pass(1_000),
      (stage) => stage.pass(10_000),
      (stage) => stage.pass(20_000),
    ],
  },
  'a batch → publish for one and a half → the request is tried again → all of it arrives': {
    through: ['webhooks', 'monitor', 'eventLog', 'send', 'objects'],
    receivers: [{}, {}],
    scenes: [
      (stage) => stage.together(0),
      async (stage) => {
        await stage.behave(0, 'error')
        await stage.publish(3)
      },
      (stage) => stage.pass(1_000),
      (stage) => stage.behave(0, 'ok'),
      (stage) => stage.publish(1),
      (stage) => stage.pass(10_000),
      (stage) => stage.pass(20_000),
    ],
  },
  'an order → publish one by one → the first is tried again → the next follow': {
    through: ['webhooks', 'monitor', 'eventLog', 'send', 'objects'],
    receivers: [{}, {}],
    scenes: [
      (stage) => stage.order(0),
      async (stage) => {
        await stage.behave(0, 'error')
        await stage.publish(1)
      },
      (stage) => stage.publish(2),
      (stage) => stage.pass(1_000),
      (stage) => stage.behave(0, 'ok'),
      (stage) => stage.publish(1),
      (stage) => stage.pass(10_000),
      (stage) => stage.pass(20_000),
    ],
  },
  'publish for later → cancel one → the time comes → retry': {
    through: ['eventLog', 'deliveries', 'send', 'objects'],
    receivers: [{}, {}],
    scenes: [
      (stage) => stage.schedule(3, 60_000),
      (stage) => stage.schedule(1, 90_000, 'order-1'),
      (stage) => stage.schedule(1, 90_000, 'order-1'),
      (stage) => stage.cancel([...stage.due.keys()][1]),
      (stage) => stage.pass(10_000),
      async (stage) => {
        await stage.behave(0, 'error')
        await stage.pass(49_999)
      },
      (stage) => stage.pass(1),
      (stage) => stage.behave(0, 'ok'),
      (stage) => stage.pass(40_000),
      (stage) => stage.pass(20_000),
    ],
  },
  'a replay of 12 rows': {
    through: ['objects'],
    receivers: [{}, {}],
    scenes: [
      ...Array.from({ length: 12 }, () => (stage: Rehearsal) => stage.publish(1)),
      async (stage) => {
        await stage.pass(1_000)
        await stage.replay(0, false)
        await stage.replay(1, true)
      },
      (stage) => stage.pass(20_000),
    ],
  },
}

/** What a name says of its port: what is before the point. */
const portOf = (name: string) => name.split('.')[0] ?? name

function tally(names: readonly string[]): string {
  const counts = Object.entries(Object.groupBy(names, portOf))
  return counts.map(([port, calls = []]) => `${port} ${calls.length}`).join(', ')
}

/** All calls; of requests to receivers, which the first play has in every situation, one in forty of a crowd. */
function pointsIn(names: readonly string[]): readonly (readonly [call: number, name: string])[] {
  const requests = names.flatMap((name, index) => (name === 'send.post' ? [index] : []))
  const crowd = new Set(requests.length > 40 ? requests.filter((_, n) => n % 40 !== 0) : [])
  return names.flatMap((name, index) => (crowd.has(index) ? [] : [[index + 1, name] as const]))
}

describe('whichever call of a port goes wrong', () => {
  it.for(Object.entries(PLAYS))(
    '%s reaches the end that policy gives',
    { timeout: 120_000 },
    async ([, play], { task }) => {
      const calm = await Rehearsal.play(play, { call: 0, mode: 'before', port: '' })
      expect(await checkRehearsal(calm)).toEqual([])
      const { names } = calm.world.injector
      expect(names.map(portOf)).toEqual(expect.arrayContaining([...play.through]))
      const broken: string[] = []
      let points = 0
      for (const mode of MODES) {
        for (const [call, name] of pointsIn(names)) {
          const stage = await Rehearsal.play(play, { call, mode, port: '' })
          points += 1
          const found = await checkRehearsal(stage)
          broken.push(...found.map((what) => `${mode} ${name} (call ${call}): ${what}`))
        }
      }
      expect(broken).toEqual([])
      task.meta.counted = `${points} fault points, 0 lost (calls: ${tally(names)}; each: ${MODES.join(', ')})`
    },
  )
})

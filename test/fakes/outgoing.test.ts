// Timers, senders and checks of targets in memory keep the contracts that those of the platform keep.

import { describe } from 'vitest'
import type { OutgoingRequest } from '../../src/engine/ports/index.ts'
import { type SendSubject, sendContract } from '../contracts/send.ts'
import {
  checkAddressesContract,
  checkTargetContract,
  FORBIDDEN_HOST,
} from '../contracts/targets.ts'
import { type TimerSubject, timerContract } from '../contracts/timer.ts'
import { createMemorySend } from './send.ts'
import { createMemoryAddressCheck, createMemoryTargetCheck } from './targets.ts'
import { Timers } from './timers.ts'

/** Timers with a clock of their own. */
function openTimers(): TimerSubject & { readonly now: () => number } {
  const timers = new Timers()
  let now = Date.UTC(2026, 10, 22)
  const pass = async (ms: number) => {
    now += ms
    timers.fire(now)
  }
  return { timer: (ms) => timers.timer(now, ms), pass, now: () => now }
}

describe('in memory', () => {
  timerContract(openTimers)
  sendContract(({ answer, checkTarget }): SendSubject => {
    const { timer, pass, now } = openTimers()
    const received: Pick<OutgoingRequest, 'url' | 'headers' | 'body'>[] = []
    const send = createMemorySend({
      receive: ({ url, headers, body }) => {
        received.push({ url, headers, body })
        return answer
      },
      checkTarget,
      clock: now,
      wait: (ms) => timer(ms).over,
    })
    return { send, received: () => received, now, pass }
  })
  checkTargetContract(() => createMemoryTargetCheck([FORBIDDEN_HOST]))
  checkAddressesContract(createMemoryAddressCheck)
})

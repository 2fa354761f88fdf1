// An object waits for others only so long: what does not answer is given up, and tried again by the next alarm.

import { RETENTION } from '../../retention.ts'
import { Deadline, EXPIRED } from '../deadline.ts'

/** What `work` comes to; rejects when it takes longer than an object waits for a queue or another object. */
export async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  const deadline = new Deadline(RETENTION.answerMs)
  try {
    const result = await deadline.within(work)
    if (result === EXPIRED) throw new Error(`No response within ${RETENTION.answerMs} ms.`)
    return result
  } finally {
    deadline.clear()
  }
}

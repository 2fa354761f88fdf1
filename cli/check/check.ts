// What a check is: what is sent, what a right receiver answers, and what it means where one does not. Only what a sender sees is
// judged: the status of an answer, its text and its time. What happens behind it is in observe.ts.

import { randomBytes } from 'node:crypto'
import type { Change, Outgoing, Sender } from './sender.ts'

/** `wrong`: others can make it take what they like. `risky`: events are lost or come late. `minor`: untidy. */
export type Severity = 'wrong' | 'risky' | 'minor'

/**
 * What a right receiver answers: `taken` is a 2xx, `refused` anything else, `survived` anything but an error of its own, and `busy`
 * a 2xx or that it is to be sent again later.
 */
export type Expectation = 'taken' | 'refused' | 'survived' | 'busy'

export interface Check {
  readonly name: string
  readonly sends: string
  readonly expects: Expectation
  readonly severity: Severity
  readonly finding: string
  /** The requests; those of one check are sent at once. */
  readonly requests: (sender: Sender) => readonly Outgoing[]
}

/** The request with something changed. */
export const one = (make: (sender: Sender) => Change) => (sender: Sender) => [
  sender.request(make(sender)),
]
export const foreign = () => randomBytes(32).toString('base64')
/** A request whose header is made of the right signature. */
export const signedWith = (signature: (right: string) => string) => one(() => ({ signature }))

export const takes = (
  name: string,
  sends: string,
  finding: string,
  requests: Check['requests'],
): Check => ({
  ...{ name, sends, finding, requests },
  ...{ expects: 'taken', severity: 'risky' },
})

export const refuses = (
  name: string,
  sends: string,
  finding: string,
  requests: Check['requests'],
): Check => ({
  ...{ name, sends, finding, requests },
  ...{ expects: 'refused', severity: 'wrong' },
})

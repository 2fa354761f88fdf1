// What is said where a webhook cannot be made or changed as it was asked.

import { EngineError } from '../../errors.ts'
import { SIGNING } from '../../limits.ts'
import { formatTime } from '../../primitives/time.ts'

/** Another webhook has the unique key. */
export function alreadyExists(): EngineError {
  return new EngineError('conflict', 'This webhook already exists, and only one is allowed.')
}

/** The tenant has `most` webhooks. */
export function tooMany(most: number): EngineError {
  const message = `This tenant already has ${most} webhooks, which is the maximum. Delete one first.`
  return new EngineError('limit_reached', message)
}

/** The secrets that sign leave no room for another one until then (Unix milliseconds). */
export function tooManySecrets(until: number | null): EngineError {
  const when = until === null ? '' : ` The first of these expires at ${formatTime(until)}.`
  const message =
    `This webhook already has ${SIGNING.keptSecrets} valid secrets, which is the maximum.${when} Rotate after that, ` +
    'or set "gracePeriodSeconds" to 0 to invalidate the previous secrets now.'
  return new EngineError('limit_reached', message)
}

// A component that cannot be reached is `unavailable`, whatever it failed with: 503 at every surface, "come again" in
// every consumer. What the engine refuses itself passes through, and so does a bug of ours.

import { EngineError } from '../errors.ts'
import { PUBLISH } from '../limits.ts'
import { mapRejections } from './rejections.ts'

/** A port whose failures are `unavailable` errors that name the component. */
export function whileReachable<Port extends object>(component: string, port: Port): Port {
  return mapRejections(port, (error) => (isOurs(error) ? error : unreachable(component, error)))
}

function isOurs(error: unknown): boolean {
  return error instanceof EngineError || error instanceof TypeError || error instanceof RangeError
}

function unreachable(component: string, cause: unknown): EngineError {
  return new EngineError(
    'unavailable',
    `The ${component} cannot be reached at the moment. Try again later.`,
    {
      retryAfterSeconds: PUBLISH.retryAfterSeconds,
      cause,
    },
  )
}

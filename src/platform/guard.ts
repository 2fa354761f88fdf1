// A component that cannot be reached is `unavailable`, whatever it failed with: 503 at every surface, "come again" in
// every consumer. What the engine refuses itself passes through, and so does a bug of ours. How long it is waited for is the
// business of whoever calls (engine/delivery/with-timeout.ts).

import { guardEach, type RemotePorts } from '../engine/ports/index.ts'
import { EngineError } from '../errors.ts'
import { PUBLISH } from '../limits.ts'
import { mapRejections } from './rejections.ts'

/** The same ports, whose failures are `unavailable` errors that name the component. */
export function guardAll(ports: RemotePorts): RemotePorts {
  return guardEach(ports, guard)
}

/** One of them. */
export function guard<Port extends object>(component: string, port: Port): Port {
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

// Whatever a handler throws, as an EngineError: surfaces map that to their own shape once.

import { HTTPException } from 'hono/http-exception'
import { describeError, EngineError, framesOf } from '../errors.ts'
import type { SurfaceContext } from './surface.ts'

/**
 * An EngineError for anything thrown. A bug becomes `internal` with a message that tells the caller nothing; what it
 * was goes to the log, as does why a component was not available.
 */
export function toEngineError(thrown: unknown, c: SurfaceContext): EngineError {
  if (thrown instanceof EngineError) {
    c.set('failure', thrown.code)
    if (thrown.code === 'unavailable') logFailure('request.unavailable', thrown.cause ?? thrown, c)
    return thrown
  }
  c.set('failure', 'internal')
  if (thrown instanceof HTTPException && thrown.status < 500) {
    return new EngineError('malformed', 'The request could not be read.', { cause: thrown })
  }
  logFailure('request.crashed', thrown, c)
  return new EngineError('internal', 'An internal error occurred.', { cause: thrown })
}

function logFailure(
  event: 'request.crashed' | 'request.unavailable',
  thrown: unknown,
  c: SurfaceContext,
): void {
  c.env.log({
    event,
    requestId: c.get('requestId'),
    error: describeError(thrown),
    stack: framesOf(thrown),
  })
}

/** Headers that go with an error on every surface. */
export function errorHeaders({ code, retryAfterSeconds }: EngineError): Record<string, string> {
  return {
    ...(retryAfterSeconds !== null && { 'retry-after': String(retryAfterSeconds) }),
    // RFC 9110, section 11.6.1: a 401 says how to do better.
    ...(code === 'unauthenticated' && { 'www-authenticate': 'Bearer realm="hookline"' }),
  }
}

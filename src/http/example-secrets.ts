// A deployment whose secrets are the published examples is open to everybody, so that it must not do anything for anybody.

import { EngineError } from '../errors.ts'
import { PUBLISH } from '../limits.ts'
import type { SurfaceContext } from './surface.ts'

/** Throws `unavailable`, with a sentence about which value is an example and how to replace it. */
export function refuseExampleSecret({ env: { exampleSecret } }: SurfaceContext): void {
  if (exampleSecret) {
    const { retryAfterSeconds } = PUBLISH
    throw new EngineError('unavailable', exampleSecret, { retryAfterSeconds })
  }
}

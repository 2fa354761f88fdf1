// How many requests a key may make, counted by the Workers Rate Limiting binding: in memory of the Cloudflare location
// that answers, so that a request costs nothing more and waits for nobody.

import type { Log } from '../engine/ports/index.ts'
import { describeError } from '../errors.ts'
import type { Env } from './env.ts'

/** Whether a key's request is within its rate. Never rejects: where it cannot be counted it is. */
type WithinRate = (keyId: string) => Promise<boolean>

/** Null unless the variable RATE_LIMIT is `true`. The rate itself is the binding's, in wrangler.toml. */
export function createRateLimit(
  { RATE_LIMIT, KEY_REQUESTS }: Pick<Env, 'RATE_LIMIT' | 'KEY_REQUESTS'>,
  log: Log,
): WithinRate | null {
  if (RATE_LIMIT !== 'true') return null
  return async (key) => {
    try {
      return (await KEY_REQUESTS.limit({ key })).success
    } catch (error) {
      log({ event: 'rate.uncounted', keyId: key, error: describeError(error) })
      return true
    }
  }
}

// The deployment's variables, read once from the bindings.

import type { Settings } from '../engine/ports.ts'
import type { Env } from './env.ts'

/** Throws for a variable that cannot be meant: a deployment with it should not start quietly. */
export function readSettings(env: Pick<Env, 'DELAY_SCALE' | 'EVERYPOINT_BASE_URL'>): Settings {
  const delayScale = Number(env.DELAY_SCALE || '1')
  if (!(delayScale > 0)) throw new Error('DELAY_SCALE must be a number above 0.')
  return { delayScale, variables: { EVERYPOINT_BASE_URL: env.EVERYPOINT_BASE_URL } }
}

// What a run of the benchmark leaves.

import { readFileSync } from 'node:fs'
import type { Cost } from './cost.ts'
import type { Growth } from './growth.ts'
import type { IsolationResult } from './isolation.ts'
import type { Speed } from './speed.ts'

export const RESULTS = new URL('results.json', import.meta.url)

export interface Results {
  readonly at: string
  readonly machine: { readonly cores: number; readonly seconds: number }
  readonly cost: readonly Cost[]
  readonly speed: Speed
  readonly isolation: IsolationResult
  readonly growth: readonly Growth[]
}

export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS, 'utf8'))
}

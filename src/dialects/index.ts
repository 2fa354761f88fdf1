// The dialects this deployment speaks, as a list.

import type { Dialect } from './dialect.ts'
import * as vendors from './vendors.ts'

export const dialects: readonly Dialect[] = Object.values(vendors)

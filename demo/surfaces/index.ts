// The surfaces that the demonstration shows, in the order of its table.

import { infermedica } from './infermedica.ts'
import { native } from './native.ts'
import type { Surface } from './surface.ts'

export const surfaces: readonly Surface[] = [native, infermedica]

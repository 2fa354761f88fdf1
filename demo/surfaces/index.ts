// The surfaces that the demonstration shows, in the order of its table.

import { contractfit } from './contractfit.ts'
import { crazygoldfish } from './crazygoldfish.ts'
import { everypoint } from './everypoint.ts'
import { infermedica } from './infermedica.ts'
import { native } from './native.ts'
import { socotra } from './socotra.ts'
import type { Surface } from './surface.ts'

export const surfaces: readonly Surface[] = [
  native,
  infermedica,
  everypoint,
  crazygoldfish,
  contractfit,
  socotra,
]

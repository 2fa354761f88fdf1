// The dialects this deployment speaks: one line each.

import { contractfit } from './contractfit/index.ts'
import { crazygoldfish } from './crazygoldfish/index.ts'
import type { Dialect } from './dialect.ts'
import { everypoint } from './everypoint/index.ts'
import { infermedica } from './infermedica/index.ts'
import { socotra } from './socotra/index.ts'

export const dialects: readonly Dialect[] = [
  contractfit,
  crazygoldfish,
  everypoint,
  infermedica,
  socotra,
]

// Every wire format this deployment speaks, by the dialect stored with a webhook.

import { nativeDialect, nativeOutbound } from './api/native-wire.ts'
import { dialects } from './dialects/index.ts'
import type { Outbound, Outbounds } from './engine/ports.ts'

const byId = new Map<string, Outbound>([
  [nativeDialect, nativeOutbound],
  ...dialects.map(({ id, wire, policy }) => [id, { wire, policy }] as const),
])

export const outbounds: Outbounds = (dialect) => byId.get(dialect) ?? null

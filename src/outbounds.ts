// Every wire format a deployment speaks, by the dialect stored with a webhook.

import { nativeDialect, nativeOutbound } from './api/native-wire.ts'
import type { Dialect } from './dialects/dialect.ts'
import { dialects as allDialects } from './dialects/index.ts'
import type { Outbound, Outbounds } from './engine/ports/index.ts'

/** The native wire and those of `dialects`. */
export function createOutbounds(dialects: readonly Dialect[] = allDialects): Outbounds {
  const byId = new Map<string, Outbound>([
    [nativeDialect, nativeOutbound],
    ...dialects.map((dialect) => [dialect.id, dialect] as const),
  ])
  return (dialect) => byId.get(dialect) ?? null
}

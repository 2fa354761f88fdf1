// Every wire format a deployment speaks, by the dialect stored with a webhook.

import { nativeDialect, nativeRuntime } from './api/native-wire.ts'
import type { Dialect } from './dialects/dialect.ts'
import { dialects as allDialects } from './dialects/index.ts'
import type { DialectRuntime, DialectRuntimes } from './engine/ports/index.ts'

/** The native wire and those of `dialects`. */
export function createDialectRuntimes(dialects: readonly Dialect[] = allDialects): DialectRuntimes {
  const byId = new Map<string, DialectRuntime>([
    [nativeDialect, nativeRuntime],
    ...dialects.map((dialect) => [dialect.id, dialect] as const),
  ])
  return (dialect) => byId.get(dialect) ?? null
}

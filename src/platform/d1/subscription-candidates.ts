// Which subscription rows an event may be found under. subscription-rows.ts is the other side.

import { patternsFor } from '../../engine/model/event-type.ts'
import type { Topic } from '../../engine/ports/index.ts'
import { toScopeEntries } from './subscription-rows.ts'

/** The start of a subscription's primary key. */
export type Candidate = readonly [tenantId: string, eventType: string, scopeEntry: string]

/** Every key under which a webhook that wants one of the topics has a row, each once. */
export function toCandidates(topics: readonly Topic[]): readonly Candidate[] {
  const candidates = new Map<string, Candidate>()
  // A batch is mostly about a few types: what was asked for once is not worked out again.
  const known = new Set<string>()
  for (const topic of topics) {
    const asked = JSON.stringify([topic.tenantId, topic.type, topic.scope])
    if (known.has(asked)) continue
    known.add(asked)
    const scopeEntries = ['', ...toScopeEntries(topic.scope)]
    for (const eventType of patternsFor(topic.type)) {
      for (const scopeEntry of scopeEntries) {
        const candidate = [topic.tenantId, eventType, scopeEntry] as const
        candidates.set(JSON.stringify(candidate), candidate)
      }
    }
  }
  return [...candidates.values()]
}

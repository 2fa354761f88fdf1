// Secrets at rest in memory, where nothing is sealed: each webhook has a mark of the key that its secrets would be under.

import type { SecretStore, WebhookRef } from '../../src/engine/ports/index.ts'
import type { SealedUnder } from '../contracts/secret-store.ts'

interface SealedRow {
  readonly webhook: WebhookRef
  sealedUnder: SealedUnder
}

export function createMemorySecretStore(rows: ReadonlyMap<string, SealedRow>): SecretStore {
  const outdated = () =>
    [...rows.values()]
      .filter(({ sealedUnder }) => sealedUnder !== 'newest')
      .toSorted((a, b) => (placeOf(a.webhook) < placeOf(b.webhook) ? -1 : 1))
  return {
    async reseal({ limit, after }) {
      const step = outdated()
        .filter(({ webhook }) => after === null || placeOf(webhook) > placeOf(after))
        .slice(0, limit)
      const readable = step.filter(({ sealedUnder }) => sealedUnder === 'former')
      for (const row of readable) row.sealedUnder = 'newest'
      const last = step.length === limit ? step.at(-1) : undefined
      return {
        resealed: readable.length,
        unreadable: step
          .filter((row) => !readable.includes(row))
          .map(({ webhook }) => toRef(webhook)),
        remaining: outdated().length,
        next: last ? toRef(last.webhook) : null,
      }
    },
  }
}

function placeOf({ tenantId, id }: WebhookRef): string {
  return `${tenantId}/${id}`
}

function toRef({ tenantId, id }: WebhookRef): WebhookRef {
  return { tenantId, id }
}

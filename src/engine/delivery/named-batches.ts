// Whose events other Workers sent. In: messages of the events queues; out: what they hold, each under the id of its tenant, which
// another Worker may have named by its uid. What names nobody is kept for a person.

import { describeError, EngineError } from '../../errors.ts'
import { INVOCATION } from '../../tuning.ts'
import type { InboundMessage } from '../api.ts'
import { createTenantDirectory } from '../configuration/tenant-directory.ts'
import type { Ports } from '../ports/index.ts'
import {
  type EventBatch,
  type EventBatchPorts,
  type ReadBatch,
  readEventBatches,
} from './event-batch.ts'
import { keepDeadLetter } from './unprocessed-message.ts'
import { withTimeout } from './with-timeout.ts'

type NamingPorts = EventBatchPorts & Pick<Ports, 'tenants' | 'timer'>

/** What each message holds, in order. Tenants are looked up together, if any is not known. Never rejects. */
export async function readNamedBatches(
  messages: readonly InboundMessage[],
  ports: NamingPorts,
): Promise<readonly ReadBatch[]> {
  const read = await readEventBatches(messages, ports)
  const foreign = read.flatMap((batch) => (isForeign(batch) ? [batch] : []))
  if (foreign.length === 0) return read
  const ids = await findTenants(foreign, ports)
  return Promise.all(
    read.map(async (batch, index): Promise<ReadBatch> => {
      const message = messages[index]
      if (!isForeign(batch) || message === undefined) return batch
      const { messageId, tenantId } = batch
      if (ids === null) return { kind: 'later', messageId }
      const id = ids.get(tenantId)
      if (id !== undefined) return { ...batch, tenantId: id }
      const reason = `No such tenant: ${tenantId}.`
      const { kind } = await keepDeadLetter('events', message, reason, ports)
      return { kind: kind === 'ack' ? 'closed' : 'later', messageId }
    }),
  )
}

function isForeign(batch: ReadBatch): batch is EventBatch {
  return batch.kind === 'events' && batch.isForeign
}

/** The ids of tenants by what they are called; null, and lines in the log, when they cannot be looked up. */
async function findTenants(
  batches: readonly EventBatch[],
  ports: NamingPorts,
): Promise<ReadonlyMap<string, string> | null> {
  try {
    const names = batches.map(({ tenantId }) => tenantId)
    const finding = createTenantDirectory(ports).findIds(names)
    const answer = await withTimeout(finding, INVOCATION.recordMs, ports)
    if (answer !== null) return answer.value
    const message = `The database did not respond within ${INVOCATION.recordMs} ms.`
    throw new EngineError('unavailable', message)
  } catch (error) {
    for (const { messageId } of batches) {
      ports.log({
        event: 'message.postponed',
        ...{ queue: 'events', messageId, kind: null },
        error: describeError(error),
      })
    }
    return null
  }
}

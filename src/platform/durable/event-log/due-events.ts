// Scheduled events whose time has come: accepted as if they were published now, in the transaction that ends their waiting, for the
// webhooks of now. Whoever published them is long gone: the accepted queue brings them to somebody who sends them.

import { timeOf } from '../../../primitives/ids.ts'
import { log } from '../../logger.ts'
import type { AcceptAnswer, AcceptCall } from './accept-answer.ts'
import type { EventLogStores } from './stores.ts'

/** Has the next of them accepted, as many as one step does; `no_tenant`: their tenant is not there (any more). */
export async function acceptDue(
  { scheduled, copy }: Pick<EventLogStores, 'scheduled' | 'copy'>,
  accept: (call: AcceptCall) => Promise<AcceptAnswer>,
): Promise<'some' | 'none' | 'no_tenant'> {
  const now = Date.now()
  const due = scheduled.due(now)
  const [first] = due
  if (first === undefined) return 'none'
  const { tenantId } = copy
  if (tenantId === null) return 'no_tenant'
  const submissions = due.map((event) => ({ event, key: null }))
  const call = { tenantId, submissions, requestKey: null, most: 0, held: [] }
  const { kind } = await accept(call)
  if (kind !== 'accepted') return 'no_tenant'
  const lateMs = now - timeOf(first.id)
  log({ event: 'events.due', tenantId, events: due.length, lateMs })
  return 'some'
}

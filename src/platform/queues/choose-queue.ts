// Which queue has what: a deployment may have several of a kind, bound as ACCEPTED, ACCEPTED_2, and so on. All of a tenant goes by one,
// so that its flood fills no other tenant's. A message that came by another one is consumed all the same, and what follows it goes by
// the one that is chosen now.

import { hash32 } from '../../primitives/hash.ts'
import type { Bindings } from '../bindings.ts'

/** Kinds of queues of which there may be several, by the name of the first binding. */
export type QueueKind = Extract<
  keyof Bindings,
  | 'ACCEPTED'
  | 'EVENTS'
  | 'DELIVERIES'
  | 'SLOW'
  | 'DEAD_ACCEPTED'
  | 'DEAD_EVENTS'
  | 'DEAD_DELIVERIES'
>

/** The queues of a kind, in order of their numbers, up to the first number that is missing. */
export function queuesOf<Kind extends QueueKind>(
  env: Pick<Bindings, Kind>,
  kind: Kind,
): readonly Queue[] {
  const queues: Queue[] = [env[kind]]
  for (;;) {
    const next: unknown = Reflect.get(env, `${kind}_${queues.length + 1}`)
    if (!isQueue(next)) return queues
    queues.push(next)
  }
}

/** The queue for a message of ours. */
export function chooseQueue(queues: readonly Queue[], text: string): Queue {
  const queue = queues[queues.length === 1 ? 0 : placeAmong(queues.length, text)]
  if (queue === undefined) throw new Error('There is no queue.')
  return queue
}

/** By the tenant in its first line; a message of no tenant may go by any. */
function placeAmong(queues: number, text: string): number {
  const end = text.indexOf('\n')
  const line = end === -1 ? text : text.slice(0, end)
  return hash32(/"tenantId":"([^"]*)"/.exec(line)?.[1] ?? line) % queues
}

function isQueue(binding: unknown): binding is Queue {
  return typeof binding === 'object' && binding !== null && 'sendBatch' in binding
}

// What queues and the clock set in motion.

import { RETENTION } from '../config.ts'
import type { Consumers } from './index.ts'
import { carry } from './pipeline/courier.ts'
import { buryDeliveries, buryEvents } from './pipeline/dead.ts'
import { route } from './pipeline/router.ts'
import type { Ports } from './ports.ts'

export function createConsumers(ports: Ports): Consumers {
  return {
    events: (messages) => route(messages, ports),
    deliveries: (messages) => carry(messages, ports),
    deadEvents: (messages) => buryEvents(messages, ports),
    deadDeliveries: (messages) => buryDeliveries(messages, ports),
    async sweep() {
      const now = ports.clock()
      const limit = RETENTION.pruneRows
      let pruned = 0
      let deleted: number
      do {
        deleted = await ports.deduplication.prune(now, limit)
        pruned += deleted
      } while (deleted === limit)
      const letters = await ports.deadLetters.prune(now - RETENTION.deadLetterSeconds * 1_000)
      ports.log({ event: 'swept', deduplicationKeys: pruned, deadLetters: letters })
    },
  }
}

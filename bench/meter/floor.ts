// The floor Worker under the meter.

import floor, { type FloorEnv } from '../floor/worker.ts'
import { meter, meteredHandlers } from './meter.ts'
import { meteredQueue } from './queues.ts'

export default meteredHandlers<FloorEnv>(floor, (env) => ({
  ...env,
  EVENTS: meteredQueue(env.EVENTS, meter),
}))

// One structured line per thing that happened, where Workers Logs and `wrangler tail` read it.

import type { Log } from '../engine/ports/index.ts'

export const log: Log = (line) => console.log(JSON.stringify(line))

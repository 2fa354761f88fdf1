// Where the services of a benchmark keep their databases. The local runtime syncs every commit to the disk before it goes
// on, which the platform does on machines of its own: in memory, where there is enough of it, the disk is not measured.

import { mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Linux's file system in memory. */
const MEMORY = '/dev/shm'
/** Bytes that are surely enough: of a run there were 191 MB at most (`du`, every two seconds). */
const ENOUGH_BYTES = 1_000_000_000

export interface StateFolder {
  readonly path: string
  readonly storage: 'memory' | 'disk'
}

/** A new folder. */
export function makeStateFolder(): StateFolder {
  const storage = freeBytes(MEMORY) > ENOUGH_BYTES ? 'memory' : 'disk'
  const parent = storage === 'memory' ? MEMORY : tmpdir()
  return { path: mkdtempSync(join(parent, 'hookline-bench-')), storage }
}

/** None where there is no such file system. */
function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return 0
  }
}

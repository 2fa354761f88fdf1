// CPU time of all processes of a group, as Linux counts it: the local runtime's workerd, and the Node that started it, hands
// requests on and reads its lines.

import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc (`getconf CLK_TCK`; Linux fixes it at 100 for user space). */
const TICKS_PER_SECOND = 100

/** Milliseconds of CPU that the processes of a group have taken; null where there is no /proc. */
export function cpuOf(group: number): number | null {
  const pids = processes()
  if (pids === null) return null
  let ticks = 0
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`)
    // "pid (name) state ppid pgrp …": the name may hold anything, so fields are counted behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[2]) !== group) continue
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return (ticks * 1_000) / TICKS_PER_SECOND
}

function processes(): readonly string[] | null {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return null
  }
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

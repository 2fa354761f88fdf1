// CPU time of all processes of a group, and of what they started, as Linux counts it: the local runtime's workerd, and the Node that
// started it, hands requests on and reads its lines.

import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc (`getconf CLK_TCK`; Linux fixes it at 100 for user space). */
const TICKS_PER_SECOND = 100

/** Milliseconds of CPU that the processes of groups, and what they started, have taken; null where there are none, or no /proc. */
export function cpuOf(...groups: readonly number[]): number | null {
  const pids = processes()
  if (pids === null) return null
  const ticks = ticksOf(
    pids.map((pid) => read(`/proc/${pid}/stat`)),
    groups,
  )
  return ticks === null ? null : (ticks * 1_000) / TICKS_PER_SECOND
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly ticks: number
}

/** The same in ticks, by the texts of /proc/<pid>/stat. What starts the local runtime gives it a group of its own. */
export function ticksOf(stats: readonly string[], groups: readonly number[]): number | null {
  let left = stats.flatMap(toProcess)
  let found = left.filter(({ group, pid }) => groups.includes(group) || groups.includes(pid))
  if (found.length === 0) return null
  let ticks = 0
  while (found.length > 0) {
    const parents = new Set(found.map(({ pid }) => pid))
    ticks += found.reduce((sum, one) => sum + one.ticks, 0)
    left = left.filter(({ pid }) => !parents.has(pid))
    found = left.filter(({ parent }) => parents.has(parent))
    left = left.filter(({ parent }) => !parents.has(parent))
  }
  return ticks
}

/** "pid (name) state ppid pgrp …": the name may hold anything, so fields are counted behind it. Nothing of one that has just ended. */
function toProcess(stat: string): readonly Process[] {
  if (stat === '') return []
  const [, parent, group, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[8]) + Number(fields[9])
  return [{ pid: Number.parseInt(stat, 10), parent: Number(parent), group: Number(group), ticks }]
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

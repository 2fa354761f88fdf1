// Lines of /proc/<pid>/stat as Linux 6 writes them, cut behind the fields that count.

import { describe, expect, it } from 'vitest'
import { ticksOf } from '../../bench/cpu.ts'

/** A process, its user and system time as given. */
const stat = (pid: number, ppid: number, pgrp: number, ticks: number, name = 'node') =>
  `${pid} (${name}) S ${ppid} ${pgrp} ${pgrp} 0 -1 4194560 0 0 0 0 ${ticks} 1 0 0 20 0`

/** As `setsid npm run dev` starts it: wrangler and workerd have a group of their own. */
const DEV = [
  stat(100, 1, 100, 10, 'npm run dev'),
  stat(101, 100, 100, 20),
  stat(200, 101, 200, 300),
  stat(202, 201, 200, 5_000, 'a ) 7 (workerd'),
  stat(201, 200, 200, 40),
  stat(300, 1, 300, 90_000, 'postgres'),
]

describe('the CPU time of a group', () => {
  it('is that of its processes, and of all that they started', () => {
    expect(ticksOf(DEV, [100])).toBe(10 + 20 + 300 + 40 + 5_000 + 5)
    expect(ticksOf(DEV, [200])).toBe(300 + 40 + 5_000 + 3)
  })

  it('is that of the children of a process that leads no group', () => {
    expect(ticksOf(DEV, [101])).toBe(20 + 300 + 40 + 5_000 + 4)
  })

  it('has each of them once, where groups name it twice', () => {
    expect(ticksOf(DEV, [100, 101, 200])).toBe(ticksOf(DEV, [100]))
    expect(ticksOf(DEV, [200, 300])).toBe(90_001 + 300 + 40 + 5_000 + 3)
  })

  it('is not known where no process has it', () => {
    expect(ticksOf(DEV, [400])).toBeNull()
    expect(ticksOf([...DEV, ''], [Number.NaN])).toBeNull()
  })
})

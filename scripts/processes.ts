// Child processes that leave nothing behind: each leads a process group of its own, which ends as a whole, at the latest
// when this process does.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Milliseconds a group gets to end by itself before it is killed. */
const GRACE_MS = 5_000

export interface Group {
  /** Of its first process, which is the group's too. */
  readonly pid: number | undefined
  /** Resolves with the exit code once the first process of the group has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** Ends every process of the group; resolves when the first one is gone. */
  stop(): Promise<void>
}

export interface GroupOptions extends Pick<SpawnOptions, 'cwd' | 'env'> {
  /** Called with every line of output. */
  readonly onLine: (line: string) => void
}

/** Starts a command without standard input, in a process group of its own. */
export function startGroup(command: readonly string[], options: GroupOptions): Group {
  const [file = '', ...args] = command
  const { cwd, env, onLine } = options
  const child = spawn(file, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let isOver = false
  const send = (name: NodeJS.Signals) => {
    if (!isOver) signal(child, name)
  }
  const kill = () => send('SIGKILL')
  process.once('exit', kill)
  const ended = end(child).finally(() => {
    // Whoever of the group outlived its first process ends with it.
    kill()
    isOver = true
    process.off('exit', kill)
  })
  eachLine(child.stdout, onLine)
  eachLine(child.stderr, onLine)
  return {
    pid: child.pid,
    ended,
    stop: async () => {
      send('SIGTERM')
      const timer = setTimeout(kill, GRACE_MS)
      await ended.catch(() => null)
      clearTimeout(timer)
    },
  }
}

async function end(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : null
}

function eachLine(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream }).on('line', onLine)
}

/** Signals a whole group; one that is gone already is no mistake. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

// What somebody types while a listener runs: `r` replays the last request, a number one further back.

import { spawnSync } from 'node:child_process'

export interface Typed {
  /** The request so many before the end, from 1. */
  readonly onReplay: (back: number) => void
  readonly onHistory: () => void
  readonly onQuit: () => void
}

const QUIT = ['q', '\u0003', '\u0004']

/**
 * Whether there is a terminal, and what is typed there is for this process: one in the background of a shell is stopped by asking
 * for it. Where nothing says who is in front, it is this one.
 */
export function hearsKeys(): boolean {
  if (!process.stdin.isTTY) return false
  const asked = ['-o', 'pgid=', '-o', 'tpgid=', '-p', String(process.pid)]
  const { stdout } = spawnSync('ps', asked, { encoding: 'utf8' })
  const [, own, inFront] = /^\s*(\d+)\s+(-?\d+)\s*$/.exec(stdout ?? '') ?? []
  return own === inFront
}

/** Listens to the terminal; returns what ends that. */
export function listenToKeys({ onReplay, onHistory, onQuit }: Typed): () => void {
  const { stdin } = process
  let digits = ''
  const hear = (chunk: string) => {
    for (const key of chunk) {
      if (QUIT.includes(key)) onQuit()
      else if (/\d/.test(key)) digits += key
      else {
        if (key === 'r') onReplay(Math.max(1, Number(digits || 1)))
        if (key === 'h') onHistory()
        digits = ''
      }
    }
  }
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.on('data', hear)
  return () => {
    stdin.off('data', hear)
    stdin.setRawMode(false)
    stdin.pause()
  }
}

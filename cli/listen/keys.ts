// What somebody types while a listener runs: `r` replays the last request, a number one further back.

export interface Typed {
  /** The request so many before the end, from 1. */
  readonly onReplay: (back: number) => void
  readonly onHistory: () => void
  readonly onQuit: () => void
}

const QUIT = ['q', '\u0003', '\u0004']

/** Listens to the terminal; returns what ends that. Does nothing where there is none. */
export function listenToKeys({ onReplay, onHistory, onQuit }: Typed): () => void {
  const { stdin } = process
  if (!stdin.isTTY) return () => {}
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

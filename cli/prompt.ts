// A secret from whoever calls: typed without being shown, or from a pipe.

import { text } from 'node:stream/consumers'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const BACKSPACES = ['\u007f', '\b']

/** Null: whoever was asked broke off. */
export async function askSecret(question: string): Promise<string | null> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) return (await text(stdin)).trim()
  // Before anybody is asked: who answers at once is not shown either.
  stdin.setRawMode(true)
  stderr.write(question)
  stdin.setEncoding('utf8')
  let typed = ''
  try {
    for await (const chunk of stdin) {
      for (const key of String(chunk)) {
        if (key === CTRL_C || key === CTRL_D) return null
        if (key === '\r' || key === '\n') return typed.trim()
        typed = BACKSPACES.includes(key) ? typed.slice(0, -1) : typed + key
      }
    }
    return null
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

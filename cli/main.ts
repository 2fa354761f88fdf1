// `hookline`: runs the command, and says in its exit code how it ended.

import { CommanderError } from 'commander'
import { describe, EXIT, Failure } from './failure.ts'
import { printableLines } from './output.ts'
import { createProgram } from './program.ts'

// Whoever reads the pipe had enough.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(EXIT.ok)
  throw error
})

// Nobody hears what is said beside the answer: what was asked for is done all the same.
process.stderr.on('error', (error) => {
  if (!('code' in error && error.code === 'EPIPE')) throw error
})

try {
  await createProgram().parseAsync()
} catch (error) {
  process.exitCode = exitCode(error)
}

function exitCode(error: unknown): number {
  // It has said so itself; help that was asked for is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  process.stderr.write(`✗ ${printableLines(describe(error))}\n`)
  return error instanceof Failure ? error.exitCode : EXIT.failed
}

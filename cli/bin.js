#!/usr/bin/env node
// `hookline`: says what is missing where Node cannot run the rest, which is TypeScript without its types.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`hookline needs Node 22.18 or newer, and this is ${process.versions.node}.`)
  process.exitCode = 2
} else {
  await import('./main.ts')
}

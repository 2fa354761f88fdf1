// Which tests touch the runtime's storage, and which of those cannot share a runtime. All others do, which saves its start
// for every file: the pure ones as they are, those on storage with an empty database before each (test/setup.ts).

import { globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Tests that get a runtime of their own, and why. */
const ALONE: Readonly<Record<string, string>> = {
  'end-to-end/outage.test.ts':
    'It stands between the Worker and its database, which must not have prepared a statement before.',
}

export interface TestFiles {
  readonly storage: readonly string[]
  readonly alone: readonly string[]
  readonly pure: readonly string[]
}

/** The test files below `folder`, by whether they or what they import of it asks the runtime for anything. */
export function sortTests(folder: string): TestFiles {
  const files = globSync(`${folder}/**/*.test.ts`).toSorted()
  const alone = Object.keys(ALONE).map((name) => `${folder}/${name}`)
  const storage = files.filter((file) => asksRuntime(resolve(file), resolve(folder), new Set()))
  return {
    storage: storage.filter((file) => !alone.includes(file)),
    alone,
    pure: files.filter((file) => !storage.includes(file)),
  }
}

function asksRuntime(file: string, folder: string, seen: Set<string>): boolean {
  if (seen.has(file)) return false
  seen.add(file)
  const specifiers = [...readFileSync(file, 'utf8').matchAll(/(?:from|import) '([^']+)'/g)]
  return specifiers.some(([, specifier = '']) => {
    if (specifier.startsWith('cloudflare:')) return true
    const target = resolve(dirname(file), specifier)
    const isOurs = specifier.startsWith('.') && target.startsWith(folder) && target.endsWith('.ts')
    return isOurs && asksRuntime(target, folder, seen)
  })
}

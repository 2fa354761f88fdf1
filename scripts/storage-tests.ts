// Which tests touch the runtime's storage. Those get a runtime of their own each; the others share one, which saves
// its start for every file.

import { globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

export interface TestFiles {
  readonly storage: readonly string[]
  readonly pure: readonly string[]
}

/** The test files below `folder`, by whether they or what they import of it asks the runtime for anything. */
export function sortTests(folder: string): TestFiles {
  const files = globSync(`${folder}/**/*.test.ts`).toSorted()
  const storage = files.filter((file) => asksRuntime(resolve(file), resolve(folder), new Set()))
  return { storage, pure: files.filter((file) => !storage.includes(file)) }
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

// `npm run pack:clients -- FOLDER`: makes the package `hookline` of clients/ and cli/, and writes hookline-<version>.tgz into the folder.

import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'clients/dist')

const [folder, ...others] = process.argv.slice(2)
if (folder === undefined || others.length > 0) {
  console.error('Name one folder: npm run pack:clients -- FOLDER')
  process.exit(2)
}

rmSync(DIST, { recursive: true, force: true })
run('tsc', '-p', 'clients')
// One file with all that it imports, so that who installs the package for its libraries installs nothing else.
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: ['cli/bin.js'],
  outfile: join(DIST, 'hookline.js'),
  ...{ bundle: true, platform: 'node', target: 'node22', format: 'esm', metafile: true },
  // For packages that are not modules: they ask for Node's own by `require`.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
writeFileSync(join(DIST, 'LICENSES.txt'), licensesOf(Object.keys(metafile.inputs)))
run('npm', 'pack', './clients', '--pack-destination', resolve(folder))

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { cwd: ROOT, stdio: 'inherit' })
}

/** The licenses of the packages that files are of, which their copies have to bear. */
function licensesOf(files: readonly string[]): string {
  const names = files.flatMap(
    (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  )
  const texts = [...new Set(names)]
    .toSorted()
    .map(
      (name) => `${name}\n\n${readFileSync(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8')}`,
    )
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

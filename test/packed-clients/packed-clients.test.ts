// The package that clients/ is packed into, as those who install it meet it: in Node, for a compiler, and in the bundle of
// examples/producer-worker.

import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const bin = (name: string) => join(ROOT, 'node_modules/.bin', name)

/** What programs for Workers and for Node are compiled with. */
const FOR_TYPES = ['@cloudflare', '@types', 'undici-types'] as const

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookline-clients-'))
  await cp(join(ROOT, 'examples/producer-worker'), folder, { recursive: true })
  await run('npm', ['run', 'pack:clients', '--', folder], { cwd: ROOT })
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  // What it is developed with is that of the project.
  const { dependencies, type } = manifest
  await writeFile(join(folder, 'package.json'), JSON.stringify({ dependencies, type }))
  const quietly = ['--offline', '--no-audit', '--no-fund', '--loglevel=error']
  await run('npm', ['install', ...quietly], { cwd: folder })
  for (const name of FOR_TYPES) {
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  }
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

it('holds what is built, with types, and needs no other package', async () => {
  const installed = await readdir(join(folder, 'node_modules'))
  const others = ['.bin', '.package-lock.json', '@cloudflare', '@types', 'undici-types']
  expect(installed.toSorted()).toEqual([...others, 'hookline'].toSorted())
  const own = join(folder, 'node_modules/hookline')
  expect((await readdir(own)).toSorted()).toEqual(['README.md', 'dist', 'package.json'])
  const built = await readdir(join(own, 'dist'))
  expect(built).toEqual(expect.arrayContaining(['producer.d.ts', 'verify.d.ts', 'hookline.js']))
  const licenses = await readFile(join(own, 'dist/LICENSES.txt'), 'utf8')
  for (const name of ['commander', 'yaml', 'zod']) expect(licenses).toContain(`${name}\n\n`)
})

it('has the command line', async () => {
  const hookline = join(folder, 'node_modules/.bin/hookline')
  const env = { ...process.env, HOOKLINE_URL: 'http://localhost:9', HOOKLINE_TOKEN: 'none' }
  const command = (...args: string[]) =>
    run(process.execPath, [hookline, ...args], { cwd: folder, env })
  expect((await command('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await command('--help')).stdout).toContain('listen')
  await expect(command('check', 'nowhere')).rejects.toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('The URL must be one of http or https.') },
  })
  // Reads YAML, by a package that is no module.
  await writeFile(join(folder, 'hookline.yaml'), 'tenants: [{}]')
  await expect(command('apply', '-f', 'hookline.yaml')).rejects.toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('tenants') },
  })
})

it('runs in Node', async () => {
  const program = `
    import { httpProducer, PublishError } from 'hookline/producer'
    import { verify } from 'hookline/verify'
    import { createHmac } from 'node:crypto'
    import { createServer } from 'node:http'

    const server = createServer((request, response) => {
      const { authorization, 'idempotency-key': key } = request.headers
      const given = { url: request.url, authorization, hasKey: Boolean(key) }
      response.writeHead(202).end(JSON.stringify({ events: [given] }))
    })
    await new Promise((resolve) => server.listen(0, resolve))
    const url = 'http://localhost:' + server.address().port
    // Longer than any timer of Node is.
    const timeoutMs = Infinity
    const [given] = await httpProducer({ url, token: 'secret', timeoutMs }).publish({ type: 'a', data: {} })
    server.close()
    const failure = await httpProducer({ url, token: 'secret', tries: 2, firstPauseMs: 1 })
      .publish({ type: 'a', data: {} })
      .catch((error) => error)
    const time = String(Math.floor(Date.now() / 1000))
    const signature = 'v1,' + createHmac('sha256', 'key').update('m.' + time + '.{}').digest('base64')
    const headers = { 'webhook-id': 'm', 'webhook-timestamp': time, 'webhook-signature': signature }
    const { id } = await verify({ headers, body: Buffer.from('{}') }, 'whsec_' + btoa('key'))
    console.log(JSON.stringify({ given, failed: failure instanceof PublishError, id }))`
  await writeFile(join(folder, 'program.mjs'), program)
  const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual({
    given: { url: '/v1/events', authorization: 'Bearer secret', hasKey: true },
    ...{ failed: true, id: 'm' },
  })
})

/** Compiles a program that uses the package; resolves with what the compiler says. */
async function compile(lines: readonly string[]): Promise<string> {
  const own = join(folder, 'typed')
  await mkdir(own, { recursive: true })
  await writeFile(join(own, 'program.ts'), lines.join('\n'))
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'es2022', lib: ['es2022'], types: ['node'] },
    ...{ module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true },
  }
  await writeFile(join(own, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  const said = await run(bin('tsc'), ['-p', own]).then(
    () => '',
    ({ stdout }) => stdout,
  )
  await rm(own, { recursive: true })
  return said
}

it('types events by their names, in a program for Node', async () => {
  const head = [
    "import { httpProducer } from 'hookline/producer'",
    'interface Invoice { number: number }',
    // As docs/publishing.md writes it: an interface has no index signature, which a type alias has.
    "interface Events { 'invoice.paid': Invoice }",
    "const hookline = httpProducer<Events>({ url: 'https://a.example', token: 't' })",
  ]
  const publishing = (event: string) =>
    compile([...head, `await hookline.publish(${event})`, 'export {}'])
  expect(await publishing("{ type: 'invoice.paid', data: { number: 1 }, id: 'a' }")).toBe('')
  expect(await publishing("[{ type: 'invoice.paid', versions: { v1: { n: 1 } } }]")).toBe('')
  expect(await publishing("{ type: 'invoice.paid', data: { number: '1' } }")).toMatch(
    /Type 'string' is not assignable to type 'number'/,
  )
  expect(await publishing("{ type: 'invoice.payed', data: { number: 1 } }")).toMatch(
    /Type '"invoice.payed"' is not assignable/,
  )
  const alias = "await httpProducer<{ 'a.b': Invoice }>({ url: '', token: '' })"
  expect(await compile([...head, `${alias}.publish({ type: 'a.b', data: { number: 1 } })`])).toBe(
    '',
  )
  const unfit = "httpProducer<{ 'a.b': string }>({ url: '', token: '' })"
  expect(await compile([...head, unfit])).toMatch(/does not satisfy the constraint/)
  expect(await publishing("{ type: 'invoice.paid' }")).toMatch(/is not assignable to parameter/)
  expect(await publishing("{ type: 'invoice.paid', data: { number: 1 }, versions: {} }")).toMatch(
    /is not assignable to parameter/,
  )
})

it('types and bundles the example', async () => {
  await run(bin('tsc'), ['-p', folder, '--noEmit'])
  const { stdout } = await run(bin('wrangler'), ['deploy', '--dry-run', '--outdir', 'bundled'], {
    cwd: folder,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
  })
  expect(stdout).toContain('env.HOOKLINE')
  const bundle = await readFile(join(folder, 'bundled/worker.js'), 'utf8')
  expect(bundle).toContain('webhook-signature')
})

// `check` finds nothing in the receivers of examples/receivers, those whose runtime is on this machine. Python's frameworks are looked
// for in the Python that PYTHON names.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { RUN_DEFAULTS, runChecks } from '../../cli/check/run.ts'
import { readSecret } from '../../cli/check/signing.ts'
import { createApp } from '../../examples/receivers/hono/receiver.mjs'
import { POST } from '../../examples/receivers/nextjs/app/webhooks/route.js'
import { findFreePort } from '../../scripts/free-port.ts'
import { SECRET } from './receiver.ts'

const { PYTHON = 'python3' } = process.env
const folder = mkdtempSync(join(tmpdir(), 'hookline-receivers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Example {
  /** Succeeds where the receiver can be run, and what that takes. */
  readonly probe: readonly [command: readonly string[], needs: string]
  readonly build?: readonly string[]
  readonly run: (port: number) => readonly string[]
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  node: {
    probe: [[process.execPath, '--version'], 'Node'],
    run: () => [process.execPath, 'receiver.mjs'],
  },
  fastapi: {
    probe: [[PYTHON, '-c', 'import fastapi, uvicorn'], 'Python with fastapi and uvicorn'],
    run: (port) => [PYTHON, '-m', 'uvicorn', 'receiver:app', '--port', String(port)],
  },
  django: {
    probe: [[PYTHON, '-c', 'import django'], 'Python with django'],
    run: (port) => [PYTHON, 'receiver.py', 'runserver', '--noreload', String(port)],
  },
  go: {
    probe: [['go', 'version'], 'Go'],
    build: ['go', 'build', '-o', join(folder, 'receiver'), 'main.go'],
    run: () => [join(folder, 'receiver')],
  },
  ruby: {
    probe: [
      ['sh', '-c', 'ruby -rrack -rwebrick -e "" && rackup --version'],
      'Ruby with rack, rackup and webrick',
    ],
    run: (port) => ['rackup', '--host', '127.0.0.1', '--port', String(port), 'config.ru'],
  },
  php: {
    probe: [['php', '--version'], 'PHP'],
    run: (port) => ['php', '-S', `127.0.0.1:${port}`, 'receiver.php'],
  },
  java: {
    probe: [['javac', '--version'], 'a JDK'],
    build: ['javac', '-d', folder, 'Receiver.java'],
    run: () => ['java', '-cp', folder, 'Receiver'],
  },
}

const secret = readSecret(SECRET)
if (secret === null) throw new Error('The secret is none.')
const options = { ...RUN_DEFAULTS, secret, slowBodyMs: 1_000 }
const expectRight = async (port: number) => {
  const { findings, grade, results } = await runChecks({
    ...options,
    url: new URL(`http://127.0.0.1:${port}/webhooks`),
  })
  expect({ findings, grade }).toEqual({ findings: [], grade: 'A' })
  expect(results.filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(50)
}

const isRunnable = ({ probe: [[command = '', ...args]] }: Example) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0

describe('the example of', () => {
  const runnable = new Map(Object.entries(EXAMPLES).map(([name, one]) => [name, isRunnable(one)]))
  const skipped = Object.entries(EXAMPLES).filter(([name]) => !runnable.get(name))
  for (const [name, { probe }] of skipped) {
    console.log(`examples/receivers/${name} is not run: this machine has no ${probe[1]}.`)
  }

  for (const [name, { build, run }] of Object.entries(EXAMPLES)) {
    it.skipIf(!runnable.get(name))(`${name} has no finding`, async () => {
      const cwd = resolve('examples/receivers', name)
      if (build !== undefined) {
        const [command = '', ...args] = build
        const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
        expect(stderr.trim()).toBe('')
        expect(status).toBe(0)
      }
      const port = await findFreePort()
      const [command = '', ...args] = run(port)
      const own = {
        HOOKLINE_SECRET: SECRET,
        PORT: String(port),
        FOLDER: join(folder, 'php'),
        PYTHONDONTWRITEBYTECODE: '1',
      }
      const child = spawn(command, args, {
        cwd,
        env: { ...process.env, ...own },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      child.stderr.on('data', (part) => {
        said = `${said}${part}`.slice(-2_000)
      })
      try {
        await untilItAnswers(
          port,
          () => child.exitCode === null,
          () => said,
        )
        await expectRight(port)
      } finally {
        child.kill()
      }
    })
  }

  // What their frameworks call: a function of a request. No framework serves them here.
  it.each([
    ['hono', (request: Request) => createApp(SECRET).fetch(request)],
    ['nextjs', (request: Request) => (request.method === 'POST' ? POST(request) : null)],
  ])('%s has no finding', async (_, handle) => {
    vi.stubEnv('HOOKLINE_SECRET', SECRET)
    const quiet = vi.spyOn(console, 'log').mockImplementation(() => {})
    const server = createServer(async (request, response) => {
      const { method = '', url = '' } = request
      const body = method === 'POST' ? { body: Buffer.concat(await request.toArray()) } : {}
      const headers = Object.entries(request.headers).map(([key, value]) => [key, String(value)])
      const answer = await handle(
        new Request(`http://receiver.example${url}`, {
          ...{ method, headers: Object.fromEntries(headers) },
          ...body,
        }),
      )
      response.writeHead(answer?.status ?? 405).end(await answer?.text())
    })
    const port = await findFreePort()
    server.listen(port, '127.0.0.1')
    try {
      await untilItAnswers(
        port,
        () => true,
        () => '',
      )
      await expectRight(port)
    } finally {
      server.close()
      server.closeAllConnections()
      quiet.mockRestore()
      vi.unstubAllEnvs()
    }
  })
})

/** Until it answers anything at all. */
async function untilItAnswers(
  port: number,
  isAlive: () => boolean,
  said: () => string,
): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (!isAlive()) throw new Error(`It ended: ${said()}`)
    try {
      await fetch(`http://127.0.0.1:${port}/`)
      return
    } catch {
      await sleep(100)
    }
  }
  throw new Error(`It does not listen: ${said()}`)
}

// `npm run signatures`: has Hookline on this machine send signed requests, and verifiers in other languages say which of them are as they
// were sent: the library for Python, the crate for Rust, and Go by its standard library, for which none could be had. Beside each
// request there are some that were changed. One line for each verifier; exits with 0 only if two of them at least could be tried, and all
// that were are right about all.

import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDevServer, WITH_EXAMPLES } from '../dev-server.ts'
import { findFreePort } from '../free-port.ts'
import { startGroup } from '../processes.ts'

/** Rust compiles what it needs each time. */
const TIMEOUT_MS = 480_000
const PROGRAMS = join(import.meta.dirname, 'programs')
/** Lines shown of a command that failed. */
const SHOWN_LINES = 30

interface Signed {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Case {
  readonly name: string
  readonly profile: 'standard' | 'ucp'
  readonly isGenuine: boolean
  readonly request: Signed
}

interface Verifier {
  readonly name: string
  readonly profiles: readonly Case['profile'][]
  /** Files of `programs/`, and what they are called beside the program. */
  readonly files: readonly (readonly [from: string, to: string])[]
  readonly make: readonly (readonly string[])[]
  readonly run: readonly string[]
}

const verifiers: readonly Verifier[] = [
  {
    name: 'Python, http-message-signatures 3.0.0',
    profiles: ['standard', 'ucp'],
    files: [['signatures.py', 'program.py']],
    make: [
      ['python3', '-m', 'venv', 'venv'],
      [
        ...['venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check'],
        ...['http-message-signatures==3.0.0'],
      ],
    ],
    run: ['venv/bin/python', 'program.py'],
  },
  {
    name: 'Go, its standard library',
    profiles: ['standard', 'ucp'],
    files: [['signatures.go', 'main.go']],
    make: [
      ['go', 'mod', 'init', 'hookline.example/signatures'],
      ['go', 'vet', '.'],
      ['go', 'build', '-o', 'program', '.'],
    ],
    run: ['./program'],
  },
  {
    name: 'Rust, web-bot-auth 0.7.0',
    // It knows Ed25519 alone.
    profiles: ['standard'],
    files: [
      ['signatures.rs', 'src/main.rs'],
      ['signatures.toml', 'Cargo.toml'],
    ],
    make: [['cargo', 'build', '--quiet']],
    run: ['target/debug/signatures'],
  },
]

/**
 * As people write them, with what is written otherwise when it is sent. Nothing that is sent as it is and that no URI may have (`|`,
 * RFC 3986): the library for Python and Go's `EscapedPath` take that for another URL.
 */
const PATHS = [
  '/hooks',
  '/hooks/?',
  '/a%20b/ü;v=1/~x^y{1}?from=hook+line&q="x"&ü=ß&from=(twice)#part',
] as const
/** Of the key that makes the webhooks: naming a business is given by name alone. */
const MAY = ['webhooks:write', 'events:write', 'ucp-agent:write']
const PROFILES = [
  { profile: 'standard' },
  { profile: 'ucp', ucpAgent: 'https://shop.example/.well-known/ucp' },
] as const

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort.abort())
const timeout = setTimeout(
  () => abort.abort(new Error(`The verifiers did not finish within ${TIMEOUT_MS / 1_000} s.`)),
  TIMEOUT_MS,
)
const folder = await mkdtemp(join(tmpdir(), 'hookline-signatures-'))
try {
  process.exitCode = (await tryAll()) ? 0 : 1
} finally {
  clearTimeout(timeout)
  await rm(folder, { recursive: true, force: true })
}

/** Whether every verifier is right. */
async function tryAll(): Promise<boolean> {
  const cases = await collectCases()
  const outcomes: boolean[] = []
  for (const verifier of verifiers) {
    const [tool = ''] = verifier.make[0] ?? []
    if (tool === 'cargo' && process.argv.includes('--quick')) continue
    if (!isHere(tool)) {
      console.log(`– ${verifier.name}: not tried, because this machine has no ${tool}.`)
      continue
    }
    const flaw = await tryOne(verifier, cases).then(() => null, String)
    const own = cases.filter(({ profile }) => verifier.profiles.includes(profile))
    const [genuine, changed] = [true, false].map(
      (is) => own.filter(({ isGenuine }) => isGenuine === is).length,
    )
    console.log(
      flaw === null
        ? `✓ ${verifier.name}: accepts ${genuine} requests, and refuses ${changed} that were changed.`
        : `✗ ${verifier.name}: ${flaw}`,
    )
    outcomes.push(flaw === null)
  }
  // One alone might be wrong in the same way.
  return outcomes.length > 1 && outcomes.every((isRight) => isRight)
}

/** Whether a command is on the path. */
function isHere(command: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((one) => existsSync(join(one, command)))
}

/** What a receiver got, and what somebody might make of it; the keys are written beside the programs. */
async function collectCases(): Promise<readonly Case[]> {
  const received: Signed[] = []
  const receiver = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    received.push({
      method,
      url: `http://${headers.host}${url}`,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, String(value)]),
      ),
      body: await text(request),
    })
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const port = typeof address === 'object' ? address?.port : null
  const own = await findFreePort()
  const publicUrl = `http://localhost:${own}`
  const flags = ['--port', String(own), '--persist-to', join(folder, 'state')]
  const server = await startDevServer(
    { flags: [...flags, ...WITH_EXAMPLES, '--var', `PUBLIC_URL:${publicUrl}`] },
    abort.signal,
  )
  try {
    const keys = await fetch(`${server.url}/.well-known/jwks.json`, { signal: abort.signal })
    await writeFile(join(folder, 'jwks.json'), await keys.text())
    await publishTo(`http://127.0.0.1:${port}`, server.url)
    for (let tries = 0; received.length < PATHS.length * PROFILES.length; tries += 1) {
      if (tries > 200) throw new Error(`Only ${received.length} requests were received.`)
      await sleep(100, undefined, { signal: abort.signal })
    }
    return received.flatMap(toCases)
  } finally {
    await server.stop()
    closeNow(receiver)
  }
}

function closeNow(server: Server): void {
  server.close()
  server.closeAllConnections()
}

async function publishTo(receiver: string, url: string): Promise<void> {
  const ask = async (path: string, token: string, body: object) => {
    const headers = { authorization: `Bearer ${token}` }
    const request = { method: 'POST', headers, body: JSON.stringify(body), signal: abort.signal }
    const answer = await fetch(`${url}/v1${path}`, request)
    const said = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${said}`)
    return JSON.parse(said)
  }
  const { id: tenant } = await ask('/tenants', 'dev-admin-token', { name: 'Signatures' })
  const { token } = await ask(`/tenants/${tenant}/keys`, 'dev-admin-token', {
    permissions: MAY,
  })
  for (const path of PATHS) {
    for (const httpSignature of PROFILES) {
      const webhook = { url: `${receiver}${path}`, eventTypes: ['a'], httpSignature }
      await ask('/webhooks', token, webhook)
    }
  }
  await ask('/events', token, { type: 'a', data: { text: 'ü', number: 1.1 } })
}

/** A request as it came, and what is made of it. */
function toCases(request: Signed): readonly Case[] {
  const { headers } = request
  const profile: Case['profile'] = headers['ucp-agent'] === undefined ? 'standard' : 'ucp'
  const withHeader = (name: string, value: string) => ({
    ...request,
    headers: { ...headers, [name]: value },
  })
  const { [profile === 'ucp' ? 'ucp-agent' : 'webhook-id']: _, ...fewer } = headers
  const changed: Readonly<Record<string, Signed>> = {
    'another tenant': withHeader('hookline-tenant', '0190a1b2-c3d4-7e5f-8a6b-0000000000ff'),
    'another id': withHeader('webhook-id', 'evt_other'),
    'another time': withHeader('webhook-timestamp', '1'),
    'another body': { ...request, body: `${request.body} ` },
    'another media type': withHeader('content-type', 'text/plain'),
    'another authority': { ...request, url: request.url.replace('127.0.0.1', 'other.example') },
    'another path': { ...request, url: request.url.replace(/(:\d+\/)/, '$1x') },
    'another method': { ...request, method: 'PUT' },
    'longer validity': withHeader(
      'signature-input',
      headers['signature-input']?.replace(/expires=\d+/, 'expires=4000000000') ?? '',
    ),
    'another signature': withHeader('signature', `sig1=:${'A'.repeat(86)}==:`),
    'one header less': { ...request, headers: fewer },
  }
  return [
    { name: `as sent to ${request.url}`, profile, isGenuine: true, request },
    ...Object.entries(changed).map(([name, one]) => ({
      ...{ name: `${name} at ${request.url}`, profile, isGenuine: false, request: one },
    })),
  ]
}

/** Makes a verifier and has it judge. Rejects with what it is wrong about. */
async function tryOne(
  { name, profiles, files, make, run }: Verifier,
  cases: readonly Case[],
): Promise<void> {
  const own = join(folder, name.replaceAll(/\W+/g, '-'))
  await mkdir(join(own, 'src'), { recursive: true })
  for (const [from, to] of files) await copyFile(join(PROGRAMS, from), join(own, to))
  const asked = cases.filter(({ profile }) => profiles.includes(profile))
  const requests = asked.map(({ profile, request }) => ({ profile, ...request }))
  await writeFile(join(own, 'cases.json'), JSON.stringify(requests))
  for (const command of make) await execute(command, own)
  const printed = await execute(run, own)
  const verdicts: unknown = JSON.parse(printed.at(-1) ?? '')
  if (!Array.isArray(verdicts) || verdicts.length !== asked.length) {
    throw new Error(`It says ${printed.at(-1)} of ${asked.length} requests.`)
  }
  const wrong = asked.filter(({ isGenuine }, index) => verdicts[index] !== isGenuine)
  if (wrong.length > 0) throw new Error(`It is wrong about ${wrong.map(({ name }) => name)}.`)
}

/** What a command prints. Rejects with the end of it when the command fails. */
async function execute(command: readonly string[], cwd: string): Promise<readonly string[]> {
  abort.signal.throwIfAborted()
  const lines: string[] = []
  const [file = '', ...args] = command
  const program = file.includes('/') ? resolve(cwd, file) : file
  const onLine = (line: string) => lines.push(line)
  const group = startGroup([program, ...args], { cwd, env: process.env, onLine })
  abort.signal.addEventListener('abort', group.stop, { once: true })
  const code = await group.ended
  abort.signal.removeEventListener('abort', group.stop)
  abort.signal.throwIfAborted()
  if (code === 0) return lines
  throw new Error(`${command.join(' ')} failed:\n${lines.slice(-SHOWN_LINES).join('\n')}`)
}

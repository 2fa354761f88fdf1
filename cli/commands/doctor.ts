// `hookline doctor`: what can be said from here of a receiver, before anything is sent to it or after something failed.

import { lookup } from 'node:dns/promises'
import { connect } from 'node:tls'
import type { Command } from 'commander'
import { findPrivacy } from '../../src/platform/target-policy/private-host.ts'
import { contextOf, outputOf, parseHttpUrl } from '../context.ts'
import { describe, EXIT, Failure } from '../failure.ts'
import { type Output, printable } from '../output.ts'
import { Attempt } from '../shapes.ts'

/** Milliseconds for each look. */
const TIMEOUT_MS = 15_000
const DAY_MS = 86_400_000
/** Days before its end in which a certificate is warned of. */
const SOON_DAYS = 14

interface Finding {
  readonly check: 'url' | 'dns' | 'tls' | 'post' | 'test'
  readonly verdict: 'good' | 'warning' | 'bad'
  readonly says: string
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at a receiver from here: DNS, TLS, redirects, what it answers and how fast')
    .argument('<url>', 'of the receiver', parseHttpUrl)
    .option('--webhook <id>', 'also send a signed test through this webhook, from Hookline')
    .action(async (url: URL, { webhook }: { webhook?: string }, command: Command) => {
      const output = outputOf(command)
      const findings: Finding[] = []
      const find = (finding: Finding) => {
        findings.push(finding)
        show(finding, output)
      }
      for (const finding of checkUrl(url)) find(finding)
      const addresses = await checkDns(url)
      find(addresses)
      if (addresses.verdict !== 'bad') {
        if (url.protocol === 'https:') find(await checkTls(url))
        for (const finding of await checkPost(url)) find(finding)
      }
      if (webhook !== undefined)
        for (const finding of await checkTest(webhook, command)) find(finding)
      if (findings.some(({ verdict }) => verdict === 'bad')) {
        throw new Failure('Events would not arrive there.', EXIT.failed)
      }
    })
}

const MARKS = { good: ['green', '✓'], warning: ['yellow', '!'], bad: ['red', '✗'] } as const

function show({ check, verdict, says }: Finding, output: Output): void {
  const [colour, mark] = MARKS[verdict]
  output.item({ check, verdict, says }, () => [
    `${output.paint(colour, mark)} ${check.padEnd(4)}  ${printable(says)}`,
  ])
}

function checkUrl({ protocol, port, username, password, hostname }: URL): readonly Finding[] {
  const findings: Finding[] = []
  if (protocol === 'http:') {
    const says =
      'Without TLS anybody on the way reads the events; a deployment may refuse such a URL.'
    findings.push({ check: 'url', verdict: 'warning', says })
  }
  if (username !== '' || password !== '') {
    const says = 'A URL with a password is refused: put it into a header of the webhook.'
    findings.push({ check: 'url', verdict: 'bad', says })
  }
  if (port !== '' && !isLoopback(hostname)) {
    const says = `The port ${port} is unusual: firewalls may let it pass from here and not from Cloudflare.`
    findings.push({ check: 'url', verdict: 'warning', says })
  }
  return findings
}

const isLoopback = (host: string) => /^(localhost$|127\.|\[::1\]$)/.test(host)

const isPrivate = (address: string) =>
  findPrivacy(address.includes(':') ? `[${address}]` : address) !== null

async function checkDns({ hostname }: URL): Promise<Finding> {
  const host = hostname.replace(/^\[|\]$/g, '')
  try {
    const found = await lookup(host, { all: true })
    const addresses = found.map(({ address }) => address)
    const says = `${host} is ${addresses.join(', ')}`
    if (!addresses.some(isPrivate)) return { check: 'dns', verdict: 'good', says: `${says}.` }
    const hint =
      'a private address, which a deployment does not send to. `hookline listen` reaches it.'
    return { check: 'dns', verdict: 'warning', says: `${says}: ${hint}` }
  } catch (error) {
    return { check: 'dns', verdict: 'bad', says: `${host} is not found: ${describe(error)}.` }
  }
}

/** What the certificate is; a connection that refuses it is looked at all the same. */
function checkTls({ hostname, port }: URL): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<Finding>()
  const host = hostname.replace(/^\[|\]$/g, '')
  const bad = (says: string) => {
    socket.destroy()
    resolve({ check: 'tls', verdict: 'bad', says })
  }
  const socket = connect({
    ...{ host, port: Number(port || 443), rejectUnauthorized: false, timeout: TIMEOUT_MS },
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
  })
  socket.on('error', (error) => bad(`No TLS connection: ${describe(error)}.`))
  socket.on('timeout', () => bad(`No TLS connection within ${TIMEOUT_MS / 1_000} s.`))
  socket.on('secureConnect', () => {
    if (!socket.authorized) {
      const why = `The certificate is refused (${describe(socket.authorizationError)})`
      return bad(`${why}: install one of a public authority, with its whole chain.`)
    }
    const { valid_to: until } = socket.getPeerCertificate()
    const days = Math.floor((Date.parse(until) - Date.now()) / DAY_MS)
    const says = `${socket.getProtocol()}, the certificate is good for ${days} more days.`
    socket.destroy()
    resolve({ check: 'tls', verdict: days < SOON_DAYS ? 'warning' : 'good', says })
  })
  return promise
}

/** What an unsigned request is answered: a receiver that verifies refuses it. */
async function checkPost(given: URL): Promise<readonly Finding[]> {
  const begun = performance.now()
  // A password, which `checkUrl` tells of, is for nobody who is not asked by Hookline.
  const url = new URL(given)
  ;[url.username, url.password] = ['', '']
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'user-agent': 'hookline-doctor' },
      body: '{"type":"webhook.test","data":{}}',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.body?.cancel()
    const ms = Math.round(performance.now() - begun)
    const location = response.headers.get('location')
    const read = { check: 'post', ...readStatus(response.status, location) } as const
    return [{ ...read, says: `${read.says} (${response.status}, ${ms} ms from here)` }]
  } catch (error) {
    return [{ check: 'post', verdict: 'bad', says: `No answer: ${describe(error)}.` }]
  }
}

function readStatus(status: number, location: string | null): Pick<Finding, 'verdict' | 'says'> {
  if (status >= 300 && status < 400) {
    const to = location === null ? 'elsewhere' : `to ${location}`
    return {
      verdict: 'bad',
      says: `It redirects ${to}: redirects are not followed, register that URL.`,
    }
  }
  if (status === 400 || status === 401 || status === 403) {
    return { verdict: 'good', says: 'It refuses an unsigned request, as one that verifies does.' }
  }
  if (status >= 200 && status < 300) {
    const says = 'It takes an unsigned request: does it verify signatures?'
    return { verdict: 'warning', says }
  }
  if (status === 404) return { verdict: 'bad', says: 'There is nothing at this path.' }
  if (status === 405) return { verdict: 'bad', says: 'It takes no POST at this path.' }
  if (status === 410) return { verdict: 'bad', says: '410 suspends the webhook at once.' }
  if (status === 429) return { verdict: 'warning', says: 'It asks for a slower rate.' }
  if (status >= 500) return { verdict: 'bad', says: 'It fails.' }
  const says = 'It refuses an unsigned request, for that or for another reason: --webhook tells.'
  return { verdict: 'warning', says }
}

/** What Hookline itself is answered, from where it runs. */
async function checkTest(webhook: string, command: Command): Promise<readonly Finding[]> {
  const { api } = contextOf(command)
  const path = `/webhooks/${encodeURIComponent(webhook)}/test`
  const { outcome, statusCode, durationMs, diagnosis } = await api.get(Attempt, {
    ...{ method: 'POST', path, body: '{}' },
  })
  const took = `(${statusCode ?? 'no answer'}, ${Math.round(durationMs)} ms from Hookline)`
  if (outcome === 'delivered') {
    return [{ check: 'test', verdict: 'good', says: `A signed test was taken ${took}.` }]
  }
  const why = `${diagnosis?.explanation ?? 'A signed test failed.'} ${diagnosis?.remedy ?? ''}`
  return [{ check: 'test', verdict: 'bad', says: `${why.trim()} ${took}` }]
}

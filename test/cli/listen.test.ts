// `hookline listen`: a thousand events in order, none lost, though the CLI and Hookline are killed in between; what is forwarded is
// what was signed; a key replays.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook as Verifier } from 'standardwebhooks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { openLocalReceiver } from './receiver.ts'
import {
  Deployment,
  run,
  start,
  startOnTerminal,
  startShell,
  type Terminal,
  until,
} from './world.ts'

const EVENTS = 1_000
const TOGETHER = 50
const Accepted = z.object({ events: z.array(z.object({ id: z.string() })) })

let deployment: Deployment
let config: string

beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), 'hookline-config-'))
  deployment = await Deployment.start()
})
afterAll(async () => {
  await deployment?.stop()
  await rm(config, { recursive: true, force: true })
})

async function newListener() {
  const { token } = await deployment.newTenant()
  const variables = { HOOKLINE_URL: deployment.url, HOOKLINE_TOKEN: token }
  const terminal: Terminal = { config, variables }
  const publish = async (from: number, count: number) => {
    const events = Array.from({ length: count }, (_, at) => ({
      type: 'invoice.paid',
      id: `n${from + at}`,
      data: { n: from + at },
    }))
    const { events: accepted } = await deployment.call(Accepted, [
      ...([token, 'POST', '/v1/events', events] as const),
    ])
    return accepted.map(({ id }) => id)
  }
  return { token, terminal, publish }
}

it('forwards a thousand events in order across a kill of the CLI and one of Hookline', async () => {
  const { terminal, publish } = await newListener()
  const receiver = await openLocalReceiver(2)
  const { received } = receiver
  const args = ['listen', '--forward', receiver.url, '--types', 'invoice.*']
  const begin = async () => {
    const child = start(args, terminal)
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    await until(() => out.includes('"webhookId"'), 'the listener begins')
    return child
  }

  let listener = await begin()
  const published: string[] = []
  // Whoever publishes repeats what was not answered, under the same keys.
  const publishing = (async () => {
    for (let n = 0; n < EVENTS; n += TOGETHER) {
      for (;;) {
        try {
          published.push(...(await publish(n, TOGETHER)))
          break
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 200))
        }
      }
    }
  })()

  await until(() => received.length >= EVENTS / 4, 'a quarter')
  listener.kill('SIGKILL')
  const atKill = received.length
  await new Promise((resolve) => setTimeout(resolve, 300))
  listener = await begin()
  await until(() => received.length >= EVENTS / 2, 'half')
  await deployment.kill()
  await new Promise((resolve) => setTimeout(resolve, 300))
  await deployment.restart()
  await publishing
  const ids = () => [...new Set(received.map(({ id }) => id))]
  await until(() => ids().length >= EVENTS, 'all of them', 120_000)

  expect(published).toHaveLength(EVENTS)
  expect(ids()).toEqual(published)
  // The one that was under way when the CLI was killed may come twice.
  const again = received.map(({ id }) => id).filter((id, at, all) => all.indexOf(id) !== at)
  expect(again.length, `killed after ${atKill}, again: ${again}`).toBeLessThanOrEqual(1)
  listener.kill('SIGTERM')
  await until(() => listener.exitCode !== null, 'it ends')
  expect(listener.exitCode).toBe(0)
  const { stdout } = await run([...args, '--history'], terminal)
  expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(EVENTS - 1)
  receiver.close()
}, 300_000)

it('forwards the bytes and headers that were signed, and replays the last by a key', async () => {
  const { token, terminal, publish } = await newListener()
  const receiver = await openLocalReceiver()
  const { received } = receiver
  const listener = startOnTerminal(['listen', '--forward', receiver.url], terminal)
  let out = ''
  listener.stdout.on('data', (chunk) => {
    out += chunk
  })
  await until(() => out.includes('q ends'), 'the listener begins')
  const [id] = await publish(1, 1)
  await until(() => received.length === 1, 'the event')
  const Item = z.looseObject({
    id: z.string(),
    pull: z.boolean(),
    deleteAfterIdleSeconds: z.number(),
    name: z.string(),
  })
  const { items } = await deployment.call(z.object({ items: z.array(Item) }), [
    ...([token, 'GET', '/v1/webhooks'] as const),
  ])
  expect(items).toMatchObject([{ pull: true, deleteAfterIdleSeconds: 3_600 }])
  expect(items[0]?.name).toMatch(/^hookline listen: \S+ at \S+/)
  const { secret } = await deployment.call(z.object({ secret: z.string() }), [
    ...([token, 'POST', `/v1/webhooks/${items[0]?.id}/rotate-secret`, {}] as const),
  ])

  listener.stdin.write('r')
  await until(() => received.length === 2, 'its replay')
  await until(() => out.split(String(id)).length === 3, 'both are shown')
  expect(out).toMatch(/\d\d:\d\d:\d\d.*204.*invoice\.paid.*\d+ ms/)
  const [first, second] = received
  expect(second?.body).toEqual(first?.body)
  expect(String(first?.body)).toContain('"data":{"n":1}')
  // Signed anew when it is read: with the secret of now as well.
  expect(() => new Verifier(secret).verify(second?.body ?? '', second?.headers ?? {})).not.toThrow()
  expect(first?.headers['user-agent']).toMatch(/^Hookline\//)
  const own = ['host', 'connection', 'content-length']
  const names = first?.names.map((name) => name.toLowerCase()).filter((name) => !own.includes(name))
  expect(names).toEqual(
    expect.arrayContaining([
      'content-type',
      'webhook-id',
      'webhook-signature',
      'webhook-timestamp',
    ]),
  )
  expect(names).not.toContain('accept')

  listener.stdin.write('q')
  await until(() => listener.exitCode !== null, 'it ends')
  expect(listener.exitCode).toBe(0)
  const again = await run(['listen', '--forward', receiver.url, '--replay', '2'], terminal)
  expect([again.code, received.length], again.stderr).toEqual([0, 3])
  receiver.close()
}, 120_000)

it('forwards in the background of a shell, to which the keys belong', async () => {
  const { terminal, publish } = await newListener()
  const receiver = await openLocalReceiver()
  const { shell, command } = startShell(['listen', '--forward', receiver.url], terminal)
  let out = ''
  shell.stdout.on('data', (chunk) => {
    out += chunk
  })
  shell.stdin.write(`${command} &\n`)
  await until(() => out.includes(`→ `), 'the listener begins')
  await publish(1, 1)
  await until(() => receiver.received.length === 1, 'the event', 15_000)
  expect(out).not.toContain('q ends')
  shell.stdin.write('kill %1; wait %1; echo "ended with $?"; exit\n')
  await until(() => /ended with \d/.test(out), 'it ends')
  expect(out).toContain('ended with 0')
  receiver.close()
}, 120_000)

it('goes on without its webhook, and says what that means', async () => {
  const { token, terminal, publish } = await newListener()
  const receiver = await openLocalReceiver()
  const listener = start(['listen', '--forward', receiver.url], terminal)
  let [out, err] = ['', '']
  listener.stdout.on('data', (chunk) => {
    out += chunk
  })
  listener.stderr.on('data', (chunk) => {
    err += chunk
  })
  await until(() => out.includes('"webhookId"'), 'the listener begins')
  const { webhookId } = z
    .object({ webhookId: z.string() })
    .parse(JSON.parse(out.split('\n')[0] ?? ''))
  await fetch(`${deployment.url}/v1/webhooks/${webhookId}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  })
  await until(() => err.includes('There is a new one'), 'it makes another')
  await publish(1, 1)
  await until(() => receiver.received.length === 1, 'the event')
  listener.kill('SIGTERM')
  await until(() => listener.exitCode !== null, 'it ends')
  const folder = join(config, 'hookline', 'listen')
  const files = await readdir(folder)
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  // No payload and no token stays behind.
  expect(texts.join()).not.toContain('"data"')
  expect(texts.join()).not.toContain(token.split('.')[1])
  receiver.close()
}, 120_000)

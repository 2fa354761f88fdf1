// An agent: the official SDK's client, over a fetch into the Worker. It holds each answer against the output schema of its tool itself.

import { exports } from 'cloudflare:workers'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { expect } from 'vitest'
import { presentations, type TestKey } from '../fixtures/hookline.ts'

export const ADDRESS = 'https://hookline.test/mcp'

/** Revisions of the protocol: the newest one that begins with `initialize`, and the one that needs no beginning. */
export const ERAS = { initialized: 'legacy', stateless: { pin: '2026-07-28' } } as const
type Era = keyof typeof ERAS

type Fetch = (request: Request) => Promise<Response>

export interface Answer {
  readonly isError: boolean
  /** What stands in the content, for clients that read text. */
  readonly text: string
  /** What is said beside what others wrote. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly says: string
  /** What others wrote, with the lines around it; '' where nothing is. */
  readonly untrusted: string
  readonly notice: string
}

export interface Agent {
  readonly client: Client
  /** The names of the tools that it is shown. */
  toolNames(): Promise<readonly string[]>
  call(name: string, args?: Readonly<Record<string, unknown>>): Promise<Answer>
}

export async function connect(
  headers: Readonly<Record<string, string>>,
  {
    era = 'initialized',
    fetch = (request) => exports.default.fetch(request),
  }: { era?: Era; fetch?: Fetch } = {},
): Promise<Agent> {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: ERAS[era] } },
  )
  await client.connect(
    new StreamableHTTPClientTransport(new URL(ADDRESS), {
      fetch: (url, init) => fetch(new Request(url, init)),
      requestInit: { headers: { ...headers } },
    }),
  )
  return {
    client,
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}) => {
      const result = await client.callTool({ name, arguments: { ...args } })
      const [first] = result.content
      const text = first?.type === 'text' ? first.text : ''
      const {
        says = '',
        untrusted,
        ...facts
      } = (result.structuredContent ?? {}) as {
        says?: string
        untrusted?: { text: string; notice: string }
      }
      const fenced = { untrusted: untrusted?.text ?? '', notice: untrusted?.notice ?? '' }
      return { isError: result.isError === true, text, facts, says, ...fenced }
    },
  }
}

export const agentWith = (key: TestKey, options: Parameters<typeof connect>[1] = {}) =>
  connect(presentations.bearer(key), options)

/** A message of the protocol, sent as it is. */
export function post(
  body: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
) {
  const fields = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
  }
  const init = method === 'GET' ? { method, headers: fields } : { method, headers: fields, body }
  return exports.default.fetch(new Request(ADDRESS, init))
}

/** What an answer says outside of what others wrote: all of its text but what stands between the two lines. */
export function outside({ text, untrusted }: Answer): string {
  expect(text.split(untrusted)).toHaveLength(2)
  return text.replace(untrusted, '')
}

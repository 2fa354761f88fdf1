// The official MCP inspector, as people run it from a terminal: it lists the tools of the MCP server and calls some, by both kinds of
// revisions of the protocol that there are.

/** As it is had; a new version is a change like any other. */
export const inspector = {
  name: '@modelcontextprotocol/inspector',
  version: '2.12.0',
  files: {
    'package.json': JSON.stringify({
      type: 'module',
      dependencies: { '@modelcontextprotocol/inspector': '2.12.0' },
    }),
  },
  make: [['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']],
} as const

/** With `initialize`, and without. */
const ERAS = ['legacy', 'modern'] as const

/** What must be there to be asked about. */
export interface Situation {
  readonly url: string
  /** One without `mcp:write`, and one with it. */
  readonly reader: string
  readonly writer: string
  /** What the writer is to make, as JSON. */
  readonly webhook: string
  /** Publishes an event that the webhook gets; its id. */
  readonly publish: () => Promise<string>
}

/** Runs the inspector with some arguments; what it prints. Rejects when it fails. */
type Run = (command: readonly string[]) => Promise<readonly string[]>

/** What the inspector makes: the ids of a webhook and an event. Rejects with what went wrong. */
export async function inspect(
  { url, reader, writer, webhook, publish }: Situation,
  run: Run,
): Promise<{ readonly webhook: string; readonly event: string }> {
  const ask = async (token: string, era: string, ...args: readonly string[]) => {
    const command = [
      process.execPath,
      'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
    ]
    const flags = [
      '--transport',
      'http',
      '--protocol-era',
      era,
      '--format',
      'json',
      '--quiet',
      '--stored-auth-only',
    ]
    const printed = await run([
      ...[...command, '--cli', `${url}/mcp`, ...flags],
      ...['--header', `authorization: Bearer ${token}`, ...args],
    ])
    // Of a schema that some model's vendor does not take it complains.
    const [line, ...others] = printed
    expect(others.length === 0, `${era}: the inspector says\n${others.slice(0, 5).join('\n')}`)
    return JSON.parse(line ?? '').result
  }
  const call = (token: string, era: string, name: string, args: string) =>
    ask(token, era, '--method', 'tools/call', '--tool-name', name, '--tool-args-json', args)

  const made: string[] = []
  for (const era of ERAS) {
    const { tools } = await ask(reader, era, '--method', 'tools/list', '--strict')
    const names = tools.map(({ name }: { readonly name: string }) => name)
    expect(names.includes('explain_delivery'), `${era}: the tools are ${names}`)
    expect(!names.includes('create_webhook'), `${era}: a key without mcp:write is shown ${names}`)
    const answer = await call(writer, era, 'create_webhook', webhook)
    made.push(answer.structuredContent?.webhook?.id ?? '')
    expect(made.at(-1) !== '', `${era}: create_webhook answered ${JSON.stringify(answer)}`)
  }
  const [id = ''] = made
  const event = await publish()
  for (const era of ERAS) {
    const explained = await call(
      reader,
      era,
      'explain_delivery',
      JSON.stringify({ eventId: event, webhookId: id }),
    )
    const [delivery] = explained.structuredContent?.deliveries ?? []
    expect(
      delivery?.webhookId === id,
      `${era}: explain_delivery answered ${JSON.stringify(explained)}`,
    )
    const text: string = explained.content?.[0]?.text ?? ''
    expect(
      /UNTRUSTED DATA BEGINS [0-9a-f]{32}\n/.test(text),
      `${era}: nothing is marked in ${text}`,
    )
  }
  return { webhook: id, event }
}

function expect(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise)
}

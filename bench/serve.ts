// A Worker in the local runtime, as `wrangler dev` starts it from the same flags, but with no debugger attached unless a
// port is named for it: that one looks at every line of the log, which costs more than what is measured. A deployed Worker
// has none either.

import { parseArgs } from 'node:util'
import { unstable_startWorker } from 'wrangler'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    port: { type: 'string' },
    'inspector-port': { type: 'string', default: '0' },
    'persist-to': { type: 'string' },
    config: { type: 'string', default: 'wrangler.toml' },
    'env-file': { type: 'string', multiple: true, default: [] },
    var: { type: 'string', multiple: true, default: [] },
  },
})
const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])
const bindings = texts(values.var).map((one) => {
  const [name = '', ...rest] = one.split(':')
  return [name, { type: 'plain_text', value: rest.join(':') }] as const
})
const inspectorPort = Number(values['inspector-port'])
const worker = await unstable_startWorker({
  config: text(values.config),
  entrypoint: positionals[0],
  envFiles: texts(values['env-file']),
  bindings: Object.fromEntries(bindings),
  dev: {
    server: { hostname: 'localhost', port: Number(values.port) },
    inspector: inspectorPort === 0 ? false : { hostname: '127.0.0.1', port: inspectorPort },
    persist: text(values['persist-to']),
    registry: process.env.WRANGLER_REGISTRY_PATH,
    logLevel: 'error',
    // Unless told otherwise wrangler looks for a stack trace in every line of the log, which takes longer than an attempt.
    structuredLogsHandler: ({ level, message }: { level: string; message: string }) => {
      if (level === 'error') console.error(message)
    },
    watch: false,
    liveReload: false,
  },
})
console.log(`Ready on ${(await worker.url).origin}`)

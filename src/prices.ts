// The price list of the Workers Paid plan beyond what its $5 a month include. Read on 22 November 2026 in a stored copy of
// Cloudflare's documentation.

interface Price {
  /** US dollars for a million. */
  readonly perMillion: number
  readonly what: string
  readonly source: string
}

const DOCS = 'https://developers.cloudflare.com'

/** A message is written, read and deleted; "an operation is counted for each 64 KB". */
const operation = {
  perMillion: 0.4,
  what: 'queue operation',
  source: `${DOCS}/queues/platform/pricing/`,
} satisfies Price

export const PRICES = {
  requests: {
    perMillion: 0.3,
    what: 'Worker request (subrequests and service bindings are free)',
    source: `${DOCS}/workers/platform/pricing/`,
  },
  invocations: {
    perMillion: 0.3,
    // "Billing for consumers follows the Workers standard usage model meaning a developer is billed for the request and
    // for CPU time used in the request."
    what: 'batch of a queue, billed as a Worker request',
    source: `${DOCS}/queues/configuration/consumer-concurrency/#billing`,
  },
  queueWrites: operation,
  queueReads: operation,
  queueDeletes: operation,
  databaseRowsRead: {
    perMillion: 0.001,
    what: 'D1 row read',
    source: `${DOCS}/d1/platform/pricing/`,
  },
  databaseRowsWritten: {
    perMillion: 1,
    what: 'D1 row written',
    source: `${DOCS}/d1/platform/pricing/`,
  },
  objectRequests: {
    perMillion: 0.15,
    what: 'Durable Object request: every RPC call, every alarm that rings',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  objectRowsRead: {
    perMillion: 0.001,
    what: 'Durable Object row read',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  objectRowsWritten: {
    perMillion: 1,
    what: 'Durable Object row written; setting an alarm is one',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
} as const satisfies Readonly<Record<string, Price>>

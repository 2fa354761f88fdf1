// How Hookline itself fares: a word for everybody, the components for the administrator.

import { nothing } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { StatusResponse, SystemHealthResponse, toStatusResponse } from './schema/status.ts'

export const statusOperations = [
  operation({
    id: 'getSystemHealth',
    method: 'get',
    path: '/health',
    summary: 'Check the health of Hookline',
    description: 'Returns 200 if Hookline is healthy and 503 if it is degraded.',
    access: 'public',
    input: nothing,
    status: 200,
    otherStatus: 503,
    output: SystemHealthResponse,
    isOther: ({ status }) => status === 'degraded',
    handle: async ({ c: { env } }) => {
      const { exampleSecret } = env
      if (exampleSecret) return { status: 'degraded' as const, reason: exampleSecret }
      return { status: await env.engine.system.health() }
    },
  }),
  operation({
    id: 'getSystemStatus',
    method: 'get',
    path: '/status',
    summary: 'Get the status of Hookline',
    description:
      'Shows whether each component can be reached, and how many messages are waiting in the queues.',
    access: 'administrator',
    input: nothing,
    status: 200,
    output: StatusResponse,
    handle: async ({ c }) => toStatusResponse(await c.env.engine.system.status()),
  }),
]

// How Hookline itself fares: a word for everybody, the components for the administrator.

import { call } from './call.ts'
import { nothing } from './input.ts'
import { HealthResponse, StatusResponse, toStatusResponse } from './schema/status.ts'

export const statusCalls = [
  call({
    id: 'getSystemHealth',
    method: 'get',
    path: '/health',
    summary: 'Check the health of Hookline',
    description: 'Returns 200 if Hookline is healthy and 503 if it is degraded.',
    access: 'public',
    takes: nothing,
    status: 200,
    otherStatus: 503,
    gives: HealthResponse,
    isOther: ({ status }) => status === 'degraded',
    handle: async ({ c: { env } }) => {
      const { exampleSecret } = env
      if (exampleSecret) return { status: 'degraded' as const, reason: exampleSecret }
      return { status: await env.engine.diagnosis.health() }
    },
  }),
  call({
    id: 'getSystemStatus',
    method: 'get',
    path: '/status',
    summary: 'Get the status of Hookline',
    description:
      'Shows whether each component can be reached, and how many messages are waiting in the queues.',
    access: 'administrator',
    takes: nothing,
    status: 200,
    gives: StatusResponse,
    handle: async ({ c }) => toStatusResponse(await c.env.engine.diagnosis.status()),
  }),
]

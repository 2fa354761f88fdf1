// How Hookline itself fares: a word for everybody, the components for the administrator.

import { call } from './call.ts'
import { nothing } from './input.ts'
import { HealthResponse, StatusResponse, toStatusResponse } from './schema/status.ts'

export const statusCalls = [
  call({
    id: 'getSystemHealth',
    method: 'get',
    path: '/health',
    summary: 'Tell whether Hookline is well; 503 when it is not',
    access: 'public',
    takes: nothing,
    status: 200,
    otherStatus: 503,
    gives: HealthResponse,
    isOther: ({ status }) => status === 'degraded',
    handle: async ({ c }) => ({ status: await c.env.engine.diagnosis.health() }),
  }),
  call({
    id: 'getSystemStatus',
    method: 'get',
    path: '/status',
    summary: 'Read which components can be reached, and what waits in the queues',
    access: 'administrator',
    takes: nothing,
    status: 200,
    gives: StatusResponse,
    handle: async ({ c }) => toStatusResponse(await c.env.engine.diagnosis.status()),
  }),
]

// How Hookline itself fares: a word for everybody, the components for the administrator.

import { z } from 'zod'
import { nothing } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { OPEN_METRICS, toOpenMetrics } from './open-metrics.ts'
import {
  StatusResponse,
  SummaryResponse,
  SystemHealthResponse,
  toStatusResponse,
  toSummaryResponse,
} from './schema/status.ts'

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
  operation({
    id: 'getSummary',
    method: 'get',
    path: '/summary',
    summary: 'Get a summary of the deployment',
    description:
      'Returns how many tenants and webhooks there are, what they have done today, and what waits.',
    access: { operator: ['metrics:read'] },
    input: nothing,
    status: 200,
    output: SummaryResponse,
    handle: async ({ c }) => toSummaryResponse(await c.env.engine.system.summary()),
  }),
  operation({
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    summary: 'Get the metrics of the deployment',
    description:
      'Returns OpenMetrics text for Prometheus and its like. Counters are the sums of what the tenants’ event logs and webhooks ' +
      'have told: within an hour where there is much to tell, else within a day.',
    access: { operator: ['metrics:read'] },
    input: nothing,
    status: 200,
    output: z.string().meta({ description: 'The metrics, as OpenMetrics text.' }),
    mediaType: OPEN_METRICS,
    handle: async ({ c }) => toOpenMetrics(await c.env.engine.system.metrics(), Date.now()),
  }),
]

// What a job of the deployment is about, as it is stored.

import { z } from 'zod'
import type { DeploymentRequest } from '../../engine/model/index.ts'
import { jsonText } from './rows.ts'

const Request: z.ZodType<DeploymentRequest> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('purge'),
    tenantId: z.string(),
    tenantCreatedAt: z.number(),
    webhookIds: z.array(z.string()),
    isEmptied: z.boolean().optional(),
    isClosed: z.boolean(),
    deletedAt: z.number().nullish(),
    purged: z.number(),
  }),
  z.object({
    kind: z.literal('reencrypt'),
    after: z.object({ tenantId: z.string(), id: z.string() }).nullable(),
    unreadable: z.number(),
    examples: z.array(z.string()),
  }),
])

/** What a deployment's job is about, as its row has it. */
export const RequestText = jsonText(Request)

// Every tool.

import type { Tool } from '../tool.ts'
import { attemptTools } from './attempts.ts'
import { eventTools } from './events.ts'
import { explainTools } from './explain.ts'
import { jobTools, sendingTools } from './sending.ts'
import { tenantTools } from './tenants.ts'
import { waitingTools } from './waiting.ts'
import { webhookTools, webhookWritingTools } from './webhooks.ts'

export const tools: readonly Tool[] = [
  ...explainTools,
  ...eventTools,
  ...waitingTools,
  ...attemptTools,
  ...webhookTools,
  ...jobTools,
  ...tenantTools,
  ...sendingTools,
  ...webhookWritingTools,
]

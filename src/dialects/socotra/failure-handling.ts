// Socotra's failure handling to the model's and back. Its alert endpoint is an endpoint of its own, of which the model
// knows the URL; the rest is the dialect's and kept with the webhook's secrets.

import { z } from 'zod'
import type {
  FailureHandling,
  Header,
  RetryStrategy,
  TriggerPattern,
} from '../../engine/model/index.ts'
import {
  BLANK,
  type Endpoint,
  type IsLocal,
  nextEndpoint,
  toAdditions,
  toEndpointResponse,
} from './endpoint.ts'
import { policy, toModelTriggers, toNamedTriggers } from './policy.ts'
import { removeThenAdd } from './remove-then-add.ts'
import type { FailureHandlingResponse, RetryStrategyResponse } from './responses.ts'
import type {
  CreateFailureHandling,
  RetryStrategyRequest,
  UpdateEndpoint,
  UpdateFailureHandling,
} from './schema.ts'

/** Where alerts go, and whether a client wrote that as just a URL, which it then reads again. */
export interface AlertEndpoint extends Endpoint {
  readonly asUrl: boolean
}

/** `handling` null: the default applies; then there is no alert. */
export interface Failing {
  readonly handling: FailureHandling | null
  readonly alert: AlertEndpoint | null
}

/** What a strategy has that does not say (docs/contracts/socotra.md, "Failure handling"); none at all has no parts. */
const RETRY = { attempts: 3, interval: 10, type: 'linear' } as const

/** `suspend: true`: on the first event given up (docs/contracts/delivery.md, "Suspension"). */
const ON_FIRST = { afterSeconds: 0, afterFailures: 1 } as const

const ALERT_PATH = ['failureHandling', 'alertEndpoint'] as const

export function newFailing(request: CreateFailureHandling, isLocal: IsLocal): Failing {
  const { alertEndpoint } = request
  const named = request.triggers ?? toNamedTriggers(policy.triggers)
  const triggers = toModelTriggers(removeThenAdd([], null, named))
  const place = { path: ALERT_PATH, headers: 'headers' } as const
  const alert = alertEndpoint ? nextAlert(null, toAdditions(alertEndpoint), place, isLocal) : null
  return {
    handling: change({ ...policy, triggers }, request, alert),
    alert,
  }
}

/** Failure handling after an update: removals first, then additions. Throws `invalid`. */
export function nextFailing(
  current: Failing,
  request: UpdateFailureHandling,
  isLocal: IsLocal,
): Failing {
  const { alertEndpoint, removeAlertEndpoint, removeRetryStrategy } = request
  const place = { path: ALERT_PATH, headers: 'addHeaders' } as const
  const kept = removeAlertEndpoint ? null : current.alert
  const alert = alertEndpoint ? nextAlert(kept, alertEndpoint, place, isLocal) : kept
  const handling = current.handling ?? policy
  const triggers = toModelTriggers(
    removeThenAdd<TriggerPattern>(
      toNamedTriggers(handling.triggers),
      request.removeTriggers,
      request.addTriggers,
    ),
  )
  const retry = removeRetryStrategy ? null : handling.retry
  return { handling: change({ ...handling, triggers, retry }, request, alert), alert }
}

type Changes = Pick<CreateFailureHandling, 'divert' | 'suspend' | 'retryStrategy'>

function change(
  handling: FailureHandling,
  { divert, suspend, retryStrategy }: Changes,
  alert: AlertEndpoint | null,
): FailureHandling {
  return {
    ...handling,
    divert: divert ?? handling.divert,
    retry: retryStrategy ? nextRetry(handling.retry, retryStrategy) : handling.retry,
    suspend: (suspend ?? handling.suspend !== null) ? (handling.suspend ?? ON_FIRST) : null,
    alertUrl: alert?.url ?? null,
  }
}

function nextAlert(
  current: AlertEndpoint | null,
  { asUrl, ...request }: UpdateEndpoint & { readonly asUrl?: symbol | undefined },
  place: Parameters<typeof nextEndpoint>[2],
  isLocal: IsLocal,
): AlertEndpoint {
  const next = nextEndpoint(current ?? BLANK, request, place, isLocal)
  return { ...next, asUrl: asUrl !== undefined }
}

function nextRetry(current: RetryStrategy | null, asked: RetryStrategyRequest): RetryStrategy {
  const { attempts, interval, type } = toRetryResponse(current) ?? RETRY
  return {
    type: asked.type ?? type,
    intervalSeconds: asked.interval ?? interval,
    attempts: asked.attempts ?? attempts,
  }
}

export function toFailureHandlingResponse(
  { handling, alert }: Failing,
  withSecrets: boolean,
): FailureHandlingResponse {
  const { divert, retry, suspend, triggers } = handling ?? policy
  return {
    alertEndpoint: alert && (alert.asUrl ? alert.url : toEndpointResponse(alert, withSecrets)),
    divert,
    retryStrategy: toRetryResponse(retry),
    suspend: suspend !== null,
    triggers: toNamedTriggers(triggers).map(String),
  }
}

/** A schedule, which only `/v1` can set, is shown by its length and its first delay. */
function toRetryResponse(retry: RetryStrategy | null): RetryStrategyResponse | null {
  if (retry === null) return null
  if (retry.type !== 'schedule') {
    return { attempts: retry.attempts, interval: retry.intervalSeconds, type: retry.type }
  }
  const { delaysSeconds } = retry
  return { attempts: delaysSeconds.length, interval: delaysSeconds[0] ?? 0, type: RETRY.type }
}

const StoredHeader: z.ZodType<Header> = z.tuple([z.string(), z.string()])
const StoredAlert = z.object({
  url: z.string(),
  hmacEnabled: z.boolean(),
  secret: z.string().nullable(),
  secureSsl: z.boolean(),
  tag: z.string().nullable(),
  headers: z.array(StoredHeader),
  asUrl: z.boolean(),
})

/** An alert endpoint as text, with the URL that its secret and headers are for. */
export function toStoredAlert(alert: AlertEndpoint): string {
  return JSON.stringify(alert)
}

/** The alert endpoint at a URL; one that `/v1` set has no more than that, whatever belongs to another. */
export function fromStoredAlert(
  url: string | null,
  stored: string | undefined,
): AlertEndpoint | null {
  if (url === null) return null
  const alert = stored === undefined ? null : StoredAlert.parse(JSON.parse(stored))
  return alert?.url === url ? alert : { ...BLANK, url, asUrl: false }
}

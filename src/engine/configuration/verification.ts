// Whether a receiver wants to be sent to, asked before anything is (docs/verification.md). In: a webhook; out: one request, and what its
// answer says. Next: webhooks.ts, which stores that.

import { newId } from '../../primitives/ids.ts'
import { formatTime } from '../../primitives/time.ts'
import { VERIFICATION } from '../../tuning.ts'
import { withHttpSignature } from '../attempt/http-signature.ts'
import { standardHeaders, withCustomHeaders } from '../attempt/request.ts'
import { unavailableReason } from '../attempt/target.ts'
import type { Outcome, Verification, VerificationMethod, Webhook } from '../model/index.ts'
import type { OutgoingRequest, Ports } from '../ports/index.ts'

type AskingPorts = Pick<Ports, 'clock' | 'log' | 'send' | 'settings' | 'dialectRuntimes'>

/** What the answer to a handshake says. */
export interface ReceiverAnswer {
  readonly verification: Verification
  /** Requests a minute that the receiver says it allows; null: as many as there are. Left out: it says nothing. */
  readonly allowedPerMinute?: number | null | undefined
}

/** What an answer has to say: the token of a challenge, or who asks. */
interface Question {
  readonly method: VerificationMethod
  readonly expected: string
  readonly request: Pick<OutgoingRequest, 'method' | 'headers' | 'body'>
}

/** How the receiver of a webhook is to be asked from now on; the same where that is nothing new. `asked`: undefined as it is, null not at all. */
export function nextVerification(
  known: Verification | null | undefined,
  asked: VerificationMethod | null | undefined,
  isMoved: boolean,
): Verification | null {
  const method = asked === undefined ? known?.method : asked
  if (!method) return null
  if (known?.method === method && !isMoved) return known
  return { method, askedAt: null, verifiedAt: null, error: null }
}

/** Asks the receiver of a webhook, with one request. Never rejects: whatever happens is a verdict. */
export async function askReceiver(
  webhook: Webhook,
  method: VerificationMethod,
  ports: AskingPorts,
): Promise<ReceiverAnswer> {
  const { clock, log, send, settings } = ports
  const askedAt = clock()
  const refused = (error: string): ReceiverAnswer => {
    return { verification: { method, askedAt, verifiedAt: null, error } }
  }
  const unavailable = unavailableReason(webhook, ports)
  if (unavailable !== null) return refused(unavailable)
  if (method === 'cloudevents' && settings.publicHost === null) return refused(NO_HOST)
  const question =
    method === 'challenge'
      ? await toChallenge(webhook, askedAt)
      : toOptions(webhook, settings.publicHost ?? '')
  const { headers, method: verb = 'POST', body } = question.request
  const unsigned = { method: verb, url: webhook.url, headers, body: verb === 'POST' ? body : null }
  const { timeoutMs } = VERIFICATION
  const outcome = await send({
    url: webhook.url,
    timeoutMs,
    wantsResponse: true,
    ...question.request,
    headers: await withHttpSignature(unsigned, webhook, askedAt, ports),
  })
  const error = whyNot(question, outcome)
  const { id: webhookId, tenantId } = webhook
  const { statusCode, durationMs, allowedPerMinute } = outcome
  const isVerified = error === null
  log({
    event: 'webhook.verification',
    tenantId,
    webhookId,
    method,
    isVerified,
    statusCode,
    durationMs,
  })
  if (error !== null) return { ...refused(error), allowedPerMinute }
  return { verification: { method, askedAt, verifiedAt: clock(), error: null }, allowedPerMinute }
}

/** Why nobody can be asked by `OPTIONS`: the question names who asks. */
const NO_HOST =
  'This deployment does not know its host name, which the handshake of CloudEvents names: it takes PUBLIC_URL or OWN_HOSTS.'

/** A signed POST whose token its receiver is to repeat. */
async function toChallenge(webhook: Webhook, now: number): Promise<Question> {
  const expected = crypto.getRandomValues(new Uint8Array(VERIFICATION.tokenBytes)).toHex()
  const body = JSON.stringify({
    type: 'webhook.verification',
    timestamp: formatTime(now),
    challenge: expected,
  })
  const standard = await standardHeaders(newId(now), { body }, webhook, now)
  const headers = withCustomHeaders(webhook.secrets.headers, standard)
  return { method: 'challenge', expected, request: { headers, body } }
}

/** The validation request of CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery" 1.0.2, section 4.1. */
function toOptions({ secrets, ...webhook }: Webhook, host: string): Question {
  const { perSecond = null, perMinute = null } = webhook.throttle?.rate ?? {}
  const wanted = perMinute ?? (perSecond === null ? null : perSecond * 60)
  const headers = [
    ...secrets.headers,
    ['webhook-request-origin', host] as const,
    ...(wanted === null ? [] : [['webhook-request-rate', String(wanted)] as const]),
  ]
  return {
    method: 'cloudevents',
    expected: host,
    request: { method: 'OPTIONS', headers, body: '' },
  }
}

/** Why an answer does not agree, as a sentence; null: it does. */
function whyNot({ method, expected }: Question, outcome: Outcome): string | null {
  if (outcome.kind === 'failed') return outcome.error
  const { statusCode } = outcome
  if (method === 'challenge') {
    if (echoes(outcome.responseExcerpt ?? '', expected)) return null
    return `The receiver responded with status ${statusCode} and did not repeat the challenge, as its body or as "challenge" of a JSON object.`
  }
  const { allowedOrigin } = outcome
  if (allowedOrigin === undefined) {
    return `The receiver responded with status ${statusCode} without the header WebHook-Allowed-Origin.`
  }
  const isAllowed = allowedOrigin === '*' || allowedOrigin.toLowerCase() === expected.toLowerCase()
  return isAllowed ? null : `The receiver allows another origin than ${expected}.`
}

function echoes(body: string, token: string): boolean {
  const text = body.trim()
  if (text === token) return true
  try {
    const answer: unknown = JSON.parse(text)
    if (answer === token) return true
    return typeof answer === 'object' && answer !== null && 'challenge' in answer
      ? answer.challenge === token
      : false
  } catch {
    return false
  }
}

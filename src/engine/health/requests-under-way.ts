// Receivers that answer nothing, before their monitors can know: a request that hangs is reported when its time is over. In: requests of
// this isolate as they begin and end; out: whether a webhook is to be spared further ones.

import { DELIVERY, HOLD } from '../../tuning.ts'
import type { RequestsUnderWay } from '../ports/index.ts'

interface UnderWay {
  /** When each began, oldest first. */
  readonly begun: Set<{ readonly at: number }>
  /** When the last of those that were answered had begun. */
  answeredSince: number
}

/** For all invocations of an isolate: what others have under way to a receiver, too, says that it does not answer. */
export class IsolateRequests implements RequestsUnderWay {
  private readonly byWebhook = new Map<string, UnderWay>()

  begin(webhookId: string, at: number): (isAnswered: boolean) => void {
    const known = this.byWebhook.get(webhookId) ?? {
      begun: new Set<{ readonly at: number }>(),
      answeredSince: Number.NEGATIVE_INFINITY,
    }
    const request = { at }
    known.begun.add(request)
    this.byWebhook.set(webhookId, known)
    return (isAnswered) => {
      known.begun.delete(request)
      if (isAnswered) known.answeredSince = Math.max(known.answeredSince, at)
      if (known.begun.size === 0) this.byWebhook.delete(webhookId)
    }
  }

  isSilent(webhookId: string, now: number): boolean {
    const known = this.byWebhook.get(webhookId)
    if (known === undefined || known.begun.size < HOLD.silentAttempts) return false
    let waiting = 0
    for (const request of known.begun) {
      // Its invocation was cut off, so that nobody hears of its end.
      if (request.at <= now - LOST_MS) known.begun.delete(request)
      else if (request.at > now - HOLD.silentMs) break
      else if (request.at > known.answeredSince) waiting += 1
      if (waiting >= HOLD.silentAttempts) return true
    }
    return false
  }
}

const LOST_MS = 2 * DELIVERY.maxTimeoutMs

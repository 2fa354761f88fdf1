// How a delivery stands, or why a webhook did not get an event: what that means, and what to do about it (docs/deliveries.md, "Why an
// event did not arrive").

import type { DeliveryStatus, UnmatchedReason } from '../engine/model/index.ts'

interface Meaning {
  readonly means: string
  readonly todo: string
}

const THEN_RESEND =
  'then send the event to the webhook again (resend_event with its webhookId), or all that it missed (replay_events)'

export const STATUSES: Readonly<Record<DeliveryStatus, Meaning>> = {
  pending: {
    means: 'It has not been tried yet.',
    todo: 'Look again in a moment; if a reason is given, it waits for that.',
  },
  delivered: {
    means: 'The receiver answered with a 2xx, so it has the event.',
    todo: 'If it seems to lack it, look at the receiver: what it logged at the time of the attempt.',
  },
  failing: {
    means: 'The last attempt failed, and another one follows by itself.',
    todo: 'Do what the cause of the last attempt says; the next attempt then delivers it.',
  },
  held: {
    means:
      'It waits: the webhook is paused or on hold, has no room in its rate, or waits for its turn.',
    todo: 'If its owner paused it, that ends the wait; else it goes out by itself. list_webhooks shows `paused`.',
  },
  diverted: {
    means: 'It was given up, and is kept with the webhook for 30 days.',
    todo: `Do what the cause of the last attempt or the reason says, resume the webhook if it is suspended, ${THEN_RESEND}.`,
  },
  dropped: {
    means: 'It was given up or cancelled, and is not kept with the webhook.',
    todo: `Do what the cause of the last attempt says, ${THEN_RESEND}.`,
  },
  unsendable: {
    means: 'No request could be made of it: its format or expressions have nothing for this event.',
    todo: `Change the expressions or the format of the webhook as the reason says, ${THEN_RESEND}.`,
  },
  filtered: {
    means: 'The filter of the webhook leaves it out, so nothing was sent.',
    todo: 'If it was to be sent: change the filter of the webhook, for events that come after that.',
  },
  erased: {
    means: 'Its content was erased before it was delivered.',
    todo: 'Publish it again, if it is still wanted.',
  },
  pullable: {
    means:
      'It lies ready for whoever pulls from the webhook: nothing is sent to it, and whether somebody pulled it is not told.',
    todo: 'If its consumer lacks it, have it pull.',
  },
}

export const REASONS: Readonly<Record<UnmatchedReason, Meaning>> = {
  created_later: {
    means: 'The webhook was made after the event.',
    todo: 'Send it what came before it was made: resend_event with its webhookId, or replay_events.',
  },
  disabled: { means: 'The webhook was disabled.', todo: `Enable it, ${THEN_RESEND}.` },
  event_type: {
    means: 'The event types of the webhook do not have the one of the event.',
    todo: `Add the type to the webhook’s eventTypes, ${THEN_RESEND}.`,
  },
  scope: {
    means: 'The event does not have the scope that the webhook asks for.',
    todo: `Publish it with that scope, or change the webhook’s scope, ${THEN_RESEND}.`,
  },
  channel: {
    means: 'The event has none of the channels of the webhook.',
    todo: `Publish it on one of them, or change the webhook’s channels, ${THEN_RESEND}.`,
  },
  cancelled: {
    means: 'The event was cancelled before its time, so it is for nobody.',
    todo: 'Publish another one, if it is still wanted.',
  },
  dialect: {
    means: 'The format of the webhook cannot express the event.',
    todo: 'Use a webhook that was made on /v1.',
  },
  version: {
    means: 'The event has no data in the version that the webhook gets.',
    todo: 'Publish that version, or a conversion to it with the event type; or change the webhook’s version.',
  },
  unknown: {
    means: 'How the webhook was when the event was accepted is not known.',
    todo: 'Look at the webhook, and send the event to it again (resend_event with its webhookId).',
  },
}

// What the fields of a webhook mean, as the description of the API says it of what goes in and what comes out.

export const WEBHOOK_MEANING = {
  url: 'Where events are sent.',
  pull: 'Whether nothing is sent to the webhook: its consumers read its events themselves (`GET /v1/webhooks/{webhookId}/pull`).',
  eventTypes:
    'Which events the webhook receives: exact types, prefixes such as `invoice.*`, or `*` for all.',
  enabled: 'Whether the webhook is switched on. If not, it receives no new events.',
  paused:
    'Whether events for the webhook wait. When it is no longer paused they are sent in order; what has waited for 29 days is diverted.',
  name: 'A name for people.',
  uid: 'What you call the webhook: unique within the tenant.',
  description: 'A text for people.',
  metadata: 'What you note of the webhook: texts by name, together at most 4 KiB of JSON.',
  channels:
    'The webhook receives only events that have one of these channels. Without any, it receives events of all channels.',
  scope: 'What an event must belong to: every entry must be in the event’s scope.',
  signing: 'How requests are signed; null if they are not.',
  filter:
    'A JSONata expression on the event: the webhook receives only events for which it is true, as `$boolean` says it. Null: all of its event types.',
  body: 'A JSONata expression that makes the body of requests: a text is sent as it is, anything else as JSON. Null: the body of the webhook’s dialect.',
  headerExpressions:
    'JSONata expressions that make the values of further request headers, by their names. A header without a value is left out.',
  pathExpression:
    'A JSONata expression that makes segments of a path, an array of them or one, which are appended to that of `url`, percent-encoded.',
  queryExpressions:
    'JSONata expressions that make the values of parameters, by their names, which are appended to those of `url`, percent-encoded. An array is several values.',
  format:
    'How events are written: `cloudevents` is CloudEvents 1.0 in structured mode, with a `batch` in batched mode, `cloudevents-binary` in binary mode. Null: as Standard Webhooks has it.',
  secretValues:
    'Texts that expressions get by `$secret(name)`, by their names. They are stored encrypted and never shown.',
  version:
    'The version of data that the webhook gets of each event type: the newest that is not after this one. Null: the newest of all.',
} as const

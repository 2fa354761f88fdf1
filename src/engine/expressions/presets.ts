// What some receivers expect, each as the expression of a `body`. Whoever takes one changes it to their liking.

interface Preset {
  readonly id: string
  /** As the receiver calls itself. */
  readonly name: string
  /** Where the receiver says what it expects. */
  readonly documentation: string
  readonly body: string
}

export const PRESETS: readonly Preset[] = [
  {
    id: 'slack',
    name: 'Slack',
    documentation: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/',
    body: '{ "text": type & ": " & $string(data) }',
  },
  {
    id: 'discord',
    name: 'Discord',
    documentation: 'https://discord.com/developers/docs/resources/webhook#execute-webhook',
    // A message has at most 2,000 characters, and what stands in the data is to mention nobody.
    body: '{ "content": $substring(type & ": " & $string(data), 0, 2000), "allowed_mentions": { "parse": [] } }',
  },
  {
    id: 'teams',
    name: 'Microsoft Teams',
    documentation:
      'https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using',
    body: `{
  "type": "message",
  "attachments": [{
    "contentType": "application/vnd.microsoft.card.adaptive",
    "content": {
      "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
      "type": "AdaptiveCard",
      "version": "1.2",
      "body": [{ "type": "TextBlock", "text": type & ": " & $string(data), "wrap": true }]
    }
  }]
}`,
  },
  {
    id: 'pagerduty',
    name: 'PagerDuty',
    documentation: 'https://developer.pagerduty.com/docs/send-alert-event',
    body: `{
  "routing_key": $secret("routing_key"),
  "event_action": "trigger",
  "dedup_key": id,
  "payload": { "summary": type, "source": "hookline", "severity": "error", "timestamp": timestamp, "custom_details": data }
}`,
  },
]

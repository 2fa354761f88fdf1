// Everything the vendor's page prints (https://developer.everypoint.io/doc/api-documentation/endpoints/webhook), in the
// order of the page: the three notifications, whose URIs are placeholders there, and the two calls.

export interface PrintedNotification {
  readonly says: string
  readonly published: { readonly type: string; readonly data: string }
  readonly notification: string
}

/** What the page's placeholders stand for in this test. */
export const PLACEHOLDERS: ReadonlyMap<string, string> = new Map([
  ['{instance-uri}', '/instances/default'],
  ['{job-uri}', '/jobs/1234-5678'],
  ['{annotation-uri}', '/annotations/9'],
  ['{folder-uri}', '/folders/shared-data'],
])

export const notifications: readonly PrintedNotification[] = [
  {
    says: 'For a job, a notification will be delivered whenever the "status" property changes',
    published: { type: 'job', data: '{"uri":"/jobs/1234-5678","status":"complete"}' },
    notification: `{
  "job": "https://api.everypoint.io/v3{instance-uri}{job-uri}"
}`,
  },
  {
    says: 'Whenever a new annotation is created as the result of a trigger',
    published: { type: 'annotation', data: '{"uri":"/annotations/9","trigger":"/triggers/3"}' },
    notification: `{
  "annotation": "https://api.everypoint.io/v3{instance-uri}{annotation-uri}"
}`,
  },
  {
    says: 'When a message is received',
    published: {
      type: 'message',
      data: '{"folder":"/folders/shared-data","body":"This is a message."}',
    },
    notification: `{
  "message": {
    "folder": "https://api.everypoint.io/v3{instance-uri}{folder-uri}",
    "body": "This is a message."
  }
}`,
  },
]

export const getWebhook = {
  says: 'Get the current webhook URL',
  method: 'GET',
  path: '/v3{instance-uri}/webhook',
  response: `{
  "success": true,
  "data": {
    "webhook": {
      "url": "https://yourcompany.com/webhook.php"
    }
  }
}`,
}

export const updateWebhook = {
  says: 'Update the webhook URL',
  method: 'PATCH',
  path: '/v3{instance-uri}/webhook',
  body: `{
  "url": "https://yourcompany.com/webhook.php"
}`,
  /** "The response will contain the updated details of the webhook." */
  response: getWebhook.response,
}

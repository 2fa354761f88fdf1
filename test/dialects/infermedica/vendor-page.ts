// Every request and answer on the vendor's page (https://developer.infermedica.com/docs/v3/webhooks), in the order of the
// page, as it prints them: order of names and trailing commas included. The notification is described there in words only.

export interface Printed {
  readonly says: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly response: string
}

export const PRINTED_CREDENTIALS = '<CREDENTIALS>'
export const PRINTED_ID = '12345678-1234-5678-1234-567812345678'

const headers = {
  Authorization: 'Bearer <CREDENTIALS>',
  'Content-Type': 'application/json',
}

export const vendorPage: readonly Printed[] = [
  {
    says: 'To start receiving webhook requests, you first need to register your configuration',
    method: 'POST',
    path: '/api/v2/config/webhook',
    headers,
    body: `{
"url": "https://mywebsite.com/webhook_receiver",
"authorization_token": "zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ",
"subscribed_events": ["survey_created"]
}`,
    response: `{
"id": "12345678-1234-5678-1234-567812345678",
"url": "https://mywebsite.com/webhook_receiver",
"authorization_token": "zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ",
"subscribed_events": ["survey_created"],
}`,
  },
  {
    says: 'To update non-token data',
    method: 'PATCH',
    path: '/api/v2/config/webhook/{id}',
    headers,
    body: `{
"url": "https://mywebsite.com/webhook_receiver",
"subscribed_events": ["survey_created"]
}`,
    response: `{
"id": "12345678-1234-5678-1234-567812345678",
"url": "https://mywebsite.com/webhook_receiver",
"subscribed_events": ["survey_created"]
}`,
  },
  {
    says: 'To update the token',
    method: 'PATCH',
    path: '/api/v2/config/webhook/{id}',
    headers,
    body: `{
"authorization_token": "zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ",
}`,
    response: `{
"id": "12345678-1234-5678-1234-567812345678",
"url": "https://mywebsite.com/webhook_receiver",
"subscribed_events": ["survey_created"],
"authorization_token": "zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ"
}`,
  },
  {
    says: 'To get all of the webhook configurations that belong to the current client',
    method: 'GET',
    path: '/api/v2/config/webhook',
    headers,
    response: `[{
"id": "12345678-1234-5678-1234-567812345678",
"url": "https://mywebsite.com/webhook_receiver",
"subscribed_events": ["survey_created"],
}]`,
  },
  {
    says: 'To get a specific webhook configuration',
    method: 'GET',
    path: '/api/v2/config/webhook/{id}',
    headers,
    response: `{
"id": "12345678-1234-5678-1234-567812345678",
"url": "https://mywebsite.com/webhook_receiver",
"subscribed_events": ["survey_created"],
}`,
  },
  {
    says: 'To delete a webhook configuration',
    method: 'DELETE',
    path: '/api/v2/config/webhook/{id}',
    headers,
    response: `{
"id": "12345678-1234-5678-1234-567812345678",
"url": "https://mywebsite.com/webhook_receiver",
"subscribed_events": ["survey_created"],
}`,
  },
]

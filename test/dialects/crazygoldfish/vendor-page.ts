// What the vendor's page prints (docs/contracts/crazygoldfish.md, "Source"): the endpoints and a scenario in words. The
// request and the answer of the POST are transcribed as its own page prints them
// (https://docs.crazygoldfish.com/api-reference/endpoint/webhook/v1-post-webhook, checked 22 November 2026).

export const PRINTED_TEMPLATE = '488f4644-057d-41e7-9a74-72c040602647'
/** Of the scenario: "the template ID for …". */
export const PRINTED_TEMPLATE_NAME = 'assignment_answer_sheet_extraction'
export const PRINTED_ID = 'a1b2c3d4-e5f6-7890-abcd-ef1234567890'
export const PRINTED_USER = 'user123'
export const PRINTED_TIME = '2024-01-15T10:30:00Z'

export const headers = {
  Authorization: 'Bearer <token>',
  'Content-Type': 'application/json',
}

export const createWebhook = {
  says: 'The system creates the webhook and returns the webhook details',
  method: 'POST',
  path: '/webhooks/v1/webhook/',
  body: `{
  "api_template": "488f4644-057d-41e7-9a74-72c040602647",
  "endpoint_url": "https://example.com/webhook/assignment-processing",
  "secret_hash": "my-secret-key-123"
}`,
  response: `{
  "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  "api_template": "488f4644-057d-41e7-9a74-72c040602647",
  "endpoint_url": "https://example.com/webhook/assignment-processing",
  "status": "enabled",
  "created_at": "2024-01-15T10:30:00Z",
  "created_by": "user123"
}`,
}

export const listWebhooks = {
  says: 'Returns paginated list of user’s webhooks',
  method: 'GET',
  path: '/webhooks/v1/webhook/',
}

export const getWebhook = {
  says: 'Returns details of a specific webhook',
  method: 'GET',
  path: '/webhooks/v1/webhook/{id}/',
}

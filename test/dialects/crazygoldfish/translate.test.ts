import { describe, expect, it } from 'vitest'
import { toNewWebhook, toWebhook } from '../../../src/dialects/crazygoldfish/translate.ts'
import { aWebhook } from '../models.ts'

const template = {
  id: '01940000-0000-7000-8000-000000000001',
  name: 'assignment_answer_sheet_extraction',
  displayName: 'Assignment Answer Sheet Extraction',
  description: '',
}

describe('a webhook in an answer', () => {
  it.each([
    ['enabled', true, null],
    ['disabled', false, null],
    ['disabled', true, 1_795_341_600_000],
    ['disabled', false, 1_795_341_600_000],
  ])('is %s when it is enabled: %j and suspended at %j', (status, enabled, suspendedAt) => {
    expect(toWebhook(aWebhook({ enabled, suspendedAt }))).toMatchObject({ status })
  })

  it('was created at a whole second', () => {
    expect(toWebhook(aWebhook({ createdAt: 1_795_341_600_999 }))).toMatchObject({
      created_at: '2026-11-22T10:00:00Z',
    })
  })
})

describe('a new webhook', () => {
  it.each([
    ['ada', '01940000-0000-7000-8000-000000000001/ada', { user: 'ada' }],
    [null, '01940000-0000-7000-8000-000000000001', {}],
  ])('of the user %j has the unique key %s and the scope %j', (subject, uniqueKey, scope) => {
    const principal = {
      id: 'k',
      kind: 'tenant' as const,
      tenantId: 't',
      subject,
      permissions: [],
      featureFlags: null,
    }
    const body = { api_template: template.id, endpoint_url: 'https://a.example/' }
    expect(toNewWebhook(body, template, principal)).toMatchObject({ uniqueKey, scope })
  })
})

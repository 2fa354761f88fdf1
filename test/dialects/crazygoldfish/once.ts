// One webhook per user and template, however many ask for it at the same time.

import { expect, it } from 'vitest'
import { createKey, createTenant, sendAs } from '../../fixtures/hookline.ts'

export const BASE = '/webhooks/v1/webhook/'
export const ANSWER_SHEET = '01940000-0000-7000-8000-000000000001'
export const configuration = {
  api_template: ANSWER_SHEET,
  endpoint_url: 'https://example.com/webhook/assignment-processing',
}

export function existsOnce(asking: number): void {
  it(`exists once when ${asking} ask for it at once`, async () => {
    const request = sendAs(await createKey(await createTenant(), { subject: 'ada' }))
    const body = JSON.stringify(configuration)
    const answers = await Promise.all(
      Array.from({ length: asking }, () => request({ method: 'POST', path: BASE, body })),
    )
    const count = (status: number) => answers.filter((answer) => answer.status === status).length
    expect([count(201), count(409)]).toEqual([1, asking - 1])
    const listed = await request({ method: 'GET', path: BASE })
    expect(listed.body).toMatchObject({ count: 1, results: [{}] })
  })
}

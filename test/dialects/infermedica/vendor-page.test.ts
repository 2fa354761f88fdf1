// The vendor's page, run as it is printed: only the address, the credentials and the id are ours.

import { describe, expect, it } from 'vitest'
import { createKey, createTenant, send } from '../../fixtures/hookline.ts'
import { PRINTED_CREDENTIALS, PRINTED_ID, type Printed, vendorPage } from './vendor-page.ts'

/** The page's answers as strict JSON in one line; they hold no spaces or commas inside a text. */
function strict(printed: string): string {
  return printed.replace(/\s+/g, '').replace(/,(?=[}\]])/g, '')
}

describe('the vendor’s page', () => {
  let credentials: string | undefined
  let id = ''

  async function run({ method, path, headers, body }: Printed) {
    credentials ??= (await createKey(await createTenant())).token
    const authorization = headers.Authorization?.replace(PRINTED_CREDENTIALS, credentials) ?? ''
    const call = { method, path: path.replace('{id}', id), ...(body !== undefined && { body }) }
    return send(call, { ...headers, Authorization: authorization })
  }

  for (const [index, printed] of vendorPage.entries()) {
    it(`answers as printed: ${printed.says}`, async () => {
      const answer = await run(printed)
      if (index === 0) ({ id } = answer.body as { id: string })
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      expect(answer.status).toBe(printed.method === 'POST' ? 201 : 200)
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(answer.text).toBe(strict(printed.response).replace(PRINTED_ID, id))
    })
  }
})

// Contract.fit's integrations, registered with the JSON that its page prints, static authorization included. The page
// prints no credential; an API key is one of the vendor's presentations.

import type { Surface } from './surface.ts'
import { tokenVerifier } from './verifiers.ts'

const CREATE = `{
"type": "webhook",
"events": ["document_predict"],
"target": "http://localhost:3000/alfred/document_predict",
"headers": {"Authorization": "Bearer abcdefg1234567989"}
}`

export const contractfit: Surface = {
  title: 'Contract.fit',
  plans: [
    {
      receiver: 'accounting',
      about: 'document_predict',
      wants: ({ type }) => type === 'document_predict',
      register: async (client, url) => {
        const created = await client.send({
          method: 'POST',
          path: '/integrations/',
          headers: { 'X-API-Key': client.token, 'Content-Type': 'application/json' },
          body: CREATE.replace('http://localhost:3000/alfred/document_predict', url),
        })
        const { id } = created.body as { id: string }
        return {
          webhookId: id,
          prove: tokenVerifier('authorization', 'Bearer abcdefg1234567989'),
        }
      },
    },
  ],
}

import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createD1Stores } from '../../../src/platform/d1/index.ts'
import { createVault } from '../../../src/platform/vault.ts'
import { templateStoreContract } from '../../contracts/template-store.ts'
import { makeD1Stores } from './stores.ts'

describe('a fresh deployment', () => {
  it('has the two templates of the catalogue, with ids that never change', async () => {
    const { templates } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
    const { items, count } = await templates.list({ limit: 10, offset: 0 })
    expect(count).toBe(2)
    expect(items.map(({ id, name, displayName }) => [id, name, displayName])).toEqual([
      [
        '01940000-0000-7000-8000-000000000001',
        'assignment_answer_sheet_extraction',
        'Assignment Answer Sheet Extraction',
      ],
      [
        '01940000-0000-7000-8000-000000000002',
        'assignment_model_answer_sheet_extraction',
        'Assignment Model Answer Sheet Extraction',
      ],
    ])
  })
})

templateStoreContract(async () => (await makeD1Stores()).templates)

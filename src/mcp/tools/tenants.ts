// A tool for operator keys: which tenants there are.

import { z } from 'zod'
import { cursorInput, limitInput, NextCursor, pageShape, searchOf } from '../shapes.ts'
import { tool } from '../tool.ts'
import { partOf } from '../untrusted.ts'

const ReadTenant = z.object({
  id: z.string(),
  name: z.string(),
  uid: z.string().nullable(),
  createdAt: z.string(),
})

const findTenants = tool({
  name: 'find_tenants',
  title: 'Find tenants',
  description:
    'Lists tenants by what their names, ids or uids have. The other tools take the id of one as `tenant`.',
  needs: ['tenants:read'],
  whenCut: 'ask for fewer (`limit`)',
  isOfOperator: true,
  input: z.strictObject({
    search: z.string().min(1).max(200).optional().describe('What to look for; all, unless told.'),
    limit: limitInput,
    cursor: cursorInput.optional(),
  }),
  facts: z.object({
    tenants: z.array(z.object({ id: z.string(), createdAt: z.string() })),
    nextCursor: NextCursor,
  }),
  async run({ input, v1 }) {
    const { items, nextCursor } = await v1.get(`/tenants${searchOf(input)}`, pageShape(ReadTenant))
    const more = nextCursor === null ? '' : ' There are more: ask again with `cursor`.'
    return {
      says: `${items.length === 1 ? '1 tenant' : `${items.length} tenants`}.${more}`,
      facts: { tenants: items.map(({ id, createdAt }) => ({ id, createdAt })), nextCursor },
      untrusted: items.map(({ id, name, uid }) => partOf(`tenant ${id}`, { name, uid })),
    }
  },
})

export const tenantTools = [findTenants]

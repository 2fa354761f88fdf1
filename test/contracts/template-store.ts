// The contract of TemplateStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Template } from '../../src/engine/model/index.ts'
import type { TemplateStore } from '../../src/engine/ports/index.ts'
import { uuid } from './store-fixtures.ts'

function aTemplate(n: number, name: string): Template {
  return { id: uuid(n), name, displayName: `Template ${n}`, description: '' }
}

/** `make` gives an empty store. */
export function templateStoreContract(make: () => Promise<TemplateStore>): void {
  describe('a template store', () => {
    let templates: TemplateStore
    beforeEach(async () => {
      templates = await make()
    })

    it('finds a template by id and by name', async () => {
      const template = aTemplate(1, 'receipt')
      expect(await templates.insert(template)).toBe(true)
      expect(await templates.find(uuid(1))).toEqual(template)
      expect(await templates.find('receipt')).toEqual(template)
    })

    it('finds null for what nobody has', async () => {
      expect(await templates.find('receipt')).toBeNull()
    })

    it('prefers the id where a name reads like it', async () => {
      await templates.insert(aTemplate(1, uuid(2)))
      await templates.insert(aTemplate(2, 'receipt'))
      expect(await templates.find(uuid(2))).toEqual(aTemplate(2, 'receipt'))
    })

    it('refuses a taken name', async () => {
      await templates.insert(aTemplate(1, 'receipt'))
      expect(await templates.insert(aTemplate(2, 'receipt'))).toBe(false)
      expect((await templates.find('receipt'))?.id).toBe(uuid(1))
    })

    it('lists by name, a page at a time, with the count of all', async () => {
      const names = ['c', 'a', 'd', 'b']
      for (const [index, name] of names.entries()) await templates.insert(aTemplate(index, name))
      const page = await templates.list({ limit: 2, offset: 1 })
      expect(page.items.map(({ name }) => name)).toEqual(['b', 'c'])
      expect(page.count).toBe(4)
      expect(await templates.list({ limit: 2, offset: 4 })).toEqual({ items: [], count: 4 })
    })
  })
}

// What an operator key asks for: the operations of a tenant's key, each below a path that names the tenant.

import { isAboutTenant, permissionsOf } from '../http/admission.ts'
import type { Operation } from '../http/operation.ts'

const PREFIX = '/tenants/{tenant}'

/** The operations of tenants once more, under `/tenants/{tenant}`, but for those that stand there already. */
export function underTenant(operations: readonly Operation[]): readonly Operation[] {
  const nameOf = (method: string, path: string) => `${method} ${path}`
  const taken = new Set(operations.map(({ description: { method, path } }) => nameOf(method, path)))
  return operations.flatMap(({ description, answer }) => {
    const { id, method, path, access, description: says } = description
    const permissions = permissionsOf(access)
    if (!isAboutTenant(access) || permissions === null) return []
    if (taken.has(nameOf(method, `${PREFIX}${path}`))) return []
    const same = `\`${method.toUpperCase()} /v1${path}\` for the tenant in the path.`
    return {
      answer,
      description: {
        ...description,
        id: `${id}OfTenant`,
        path: `${PREFIX}${path}`,
        tag: path.split('/')[1] ?? '',
        description: says === undefined ? same : `${same} ${says}`,
        access: permissions,
      },
    }
  })
}

// Messages that were sent, as they are found again.

import type { LoggedEvent } from '../../engine/model/index.ts'
import { EngineError, notFound } from '../../errors.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import type { newestPage } from './pages.ts'
import { messageId } from './params.ts'

/** The events of the tenant as a list; those that Hookline publishes itself are no messages. */
export function messagesOf(c: SurfaceContext, isShown: (event: LoggedEvent) => boolean) {
  const { tenantId } = c.get('principal')
  return {
    read: (part: Parameters<Parameters<typeof newestPage>[0]['read']>[0]) =>
      seen(c).events.list(tenantId, { ...part, withoutSystem: true }),
    idOf: ({ id }: LoggedEvent) => id,
    isShown,
  }
}

/** Throws `not_found`. */
export async function getMessage(c: SurfaceContext, name: string): Promise<LoggedEvent> {
  const uuid = await messageId(c, name)
  try {
    return await seen(c).events.get(c.get('principal').tenantId, uuid)
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') throw notFound('message')
    throw error
  }
}

// The event log of a tenant knows its webhooks, so that an event on its way asks no database for them. What changes them is
// announced there before it is written, and confirmed afterwards: what the event log knows is never older than a change that its
// caller was told of. In: the store of webhooks; out: the same, announcing.

import { describeError, EngineError, FENCED } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { Ports, WebhookStore } from '../ports/index.ts'

/** How often a change begins anew whose epoch ended before it was written: that takes as long as an event log waits for one. */
const TRIES = 3

type ChangePorts = Pick<Ports, 'webhooks' | 'eventLog' | 'clock' | 'log'>

/**
 * Writes a change of what the event log of a tenant has a copy of, announced before and confirmed after. `write` is given the epoch in
 * which alone it may write, and asked again when that was over. Rejects as `write` does.
 */
export async function announceChange<Result>(
  tenantId: string,
  write: (epoch: number) => Promise<Result>,
  ports: Pick<Ports, 'eventLog' | 'clock' | 'log'>,
  tries = 1,
): Promise<Result> {
  const changeId = newId(ports.clock())
  const epoch = await ports.eventLog(tenantId).announce(tenantId, changeId, tries > 1)
  let result: Result
  try {
    result = await write(epoch)
  } catch (error) {
    // What failed in any other way may have been written, and stays announced.
    if (isRefusal(error)) await confirm(tenantId, changeId, ports)
    if (!isFenced(error) || tries === TRIES) throw error
    return announceChange(tenantId, write, ports, tries + 1)
  }
  await confirm(tenantId, changeId, ports)
  return result
}

async function confirm(
  tenantId: string,
  changeId: string,
  { eventLog, log }: Pick<Ports, 'eventLog' | 'log'>,
): Promise<void> {
  try {
    await eventLog(tenantId).confirm(changeId)
  } catch (error) {
    // Until it finds out by itself, the event log reads the webhooks for each event.
    log({ event: 'change.unconfirmed', tenantId, error: describeError(error) })
  }
}

/** The same store, whose writes are announced to the event logs of their tenants. */
export function announcing({ webhooks, ...ports }: ChangePorts): WebhookStore {
  const change = <Result>(tenantId: string, write: (epoch: number) => Promise<Result>) =>
    announceChange(tenantId, write, ports)

  const announced: Pick<WebhookStore, 'insert' | 'update' | 'delete'> = {
    insert: (webhook, most) =>
      change(webhook.tenantId, (epoch) => webhooks.insert(webhook, most, epoch)),
    update: (ref, decide) => change(ref.tenantId, (epoch) => webhooks.update(ref, decide, epoch)),
    delete: (ref) => change(ref.tenantId, (epoch) => webhooks.delete(ref, epoch)),
  }
  // Made for each request: what is not asked for is not looked at.
  return new Proxy(webhooks, {
    get: (store, name) => Reflect.get(name in announced ? announced : store, name),
  })
}

/** It was refused before anything was written. */
function isRefusal(error: unknown): boolean {
  return isFenced(error) || (error instanceof EngineError && error.code !== 'unavailable')
}

function isFenced(error: unknown): boolean {
  return error instanceof EngineError && error.cause === FENCED
}

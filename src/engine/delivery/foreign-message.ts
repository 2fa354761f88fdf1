// What another Worker sends. In: its message, as an object or as its JSON text (docs/contracts/native.md, "RPC and queue"); out: events
// that their tenant's event log can take, under ids that are the same each time the message comes.

import { z } from 'zod'
import { derivedId } from '../../primitives/ids.ts'
import { memberText, rootOffset, writeJson } from '../../primitives/json-text.ts'
import type { InboundMessage } from '../api.ts'
import { conformAll } from '../intake/conform-all.ts'
import { chosenEventIds } from '../intake/event-ids.ts'
import { parseDrafts } from '../intake/parse.ts'
import { toSubmissions } from '../intake/publish.ts'
import { checkAhead } from '../intake/scheduling.ts'
import { TENANT_UID } from '../model/index.ts'
import type { Ports, Submission } from '../ports/index.ts'

const Envelope = z.strictObject({
  v: z.literal(1),
  tenantId: z.string().regex(TENANT_UID, 'Expected the id or the uid of a tenant.'),
  events: z.array(z.unknown()),
})

/** Throws what is wrong with it (`EngineError`, `ZodError`, `SyntaxError`, `RangeError`), and `unavailable` as `conformAll` does. */
export async function readForeign(
  message: InboundMessage,
  ports: Pick<Ports, 'eventTypes' | 'log' | 'settings'>,
): Promise<{ readonly tenantId: string; readonly submissions: readonly Submission[] }> {
  const { body, id, timestamp } = message
  // As text, an object has the size it seems to have.
  const text = typeof body === 'string' ? body : writeJson(body)
  const { tenantId } = Envelope.parse(JSON.parse(text))
  const drafts = parseDrafts(memberText(text, rootOffset(text), 'events') ?? '')
  // By when it was sent: what is published when it comes again is the same.
  checkAhead(drafts, timestamp)
  const conformed = await conformAll(tenantId, drafts, ports)
  const { shards } = ports.settings
  const ids = await chosenEventIds(drafts, id, timestamp, shards, (index, at, turn) =>
    derivedId({ id, timestamp: at }, index, turn),
  )
  return { tenantId, submissions: await toSubmissions(conformed, ids, timestamp) }
}

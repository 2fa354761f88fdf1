// What an entry of the audit says, as a sentence.

import type { AuditEntryResponse } from '../../api/schema/audit.ts'

/** Where what was changed has a page; null where it has none, or is gone. */
type FindPage = (entry: AuditEntryResponse) => string | null

const NOUNS: Readonly<Record<AuditEntryResponse['target']['kind'], string>> = {
  tenant: 'the tenant',
  key: 'the key',
  portal_link: 'the portal link',
  operator_key: 'the operator key',
  webhook: 'the webhook',
  event: 'the event',
  attempt: 'what came back of the attempt',
  diverted_event: 'the diverted event',
  event_type: 'the event type',
  template: 'the template',
  job: 'the job',
}

/** By what an action ends with; those of `updated` are named by their fields. */
const VERBS: Readonly<Record<string, string>> = {
  created: 'created',
  deleted: 'deleted',
  erased: 'had events erased of',
  expired: 'set an end to',
  opened: 'opened',
  revoked: 'revoked',
  enabled: 'enabled',
  disabled: 'disabled',
  secret_rotated: 'changed the secret of',
  resumed: 'resumed',
  suspended: 'suspended',
  deliveries_cancelled: 'cancelled pending deliveries of',
  resent: 'sent again',
  expunged: 'expunged',
  started: 'started',
  cancelled: 'cancelled',
}

function actorOf({ actor: { kind, name, id, subject }, via }: AuditEntryResponse): string {
  const what = via === 'portal' ? 'A customer with the portal link' : 'The key'
  const who = {
    administrator: 'The administrator',
    operator_key: `The operator key ${name ?? id}`,
    key: `${what} ${name ?? id}`,
    system: 'Hookline',
  }[kind]
  return subject === null ? who : `${who}, for ${subject},`
}

interface SentenceProps {
  readonly entry: AuditEntryResponse
  readonly pageOf: FindPage
}

export function AuditSentence({ entry, pageOf }: SentenceProps) {
  const { action, target, changes } = entry
  const [, done = ''] = action.split('.')
  const page = pageOf(entry)
  const name = target.name ?? target.id
  return (
    <>
      {actorOf(entry)}{' '}
      {done === 'updated' ? (
        <>
          changed{' '}
          {changes.map(({ field }, index) => (
            <>
              {index > 0 && ', '}
              <code>{field}</code>
            </>
          ))}{' '}
          of
        </>
      ) : (
        (VERBS[done] ?? done)
      )}{' '}
      {NOUNS[target.kind]} {page === null ? name : <a href={page}>{name}</a>}
    </>
  )
}

/** The values that are told, each field on a line of its own. */
export function ChangedValues({ changes }: Pick<AuditEntryResponse, 'changes'>) {
  const told = changes.filter(({ before, after }) => before !== undefined || after !== undefined)
  if (told.length === 0) return null
  return (
    <ul class="plain small">
      {told.map(({ field, before, after }) => (
        <li>
          {field}: {before !== undefined && `${before ?? 'none'} → `}
          {after ?? 'none'}
        </li>
      ))}
    </ul>
  )
}

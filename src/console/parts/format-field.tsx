// How the events of a webhook are written, on its form and in words.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import { SelectField } from './fields.tsx'

const STANDARD = 'as Standard Webhooks has it: type, timestamp and data'
const IN_WORDS = {
  cloudevents: 'CloudEvents, whole in the body',
  'cloudevents-binary': 'CloudEvents, attributes in headers',
} as const

export function FormatField({
  value,
  wrong,
}: {
  /** Empty: as Standard Webhooks has it. */
  readonly value: string
  readonly wrong: string | undefined
}) {
  return (
    <SelectField
      name="format"
      label="Format of the events"
      options={[['', STANDARD], ...Object.entries(IN_WORDS)]}
      value={value}
      hint="With a body, that makes the data of the CloudEvent."
      wrong={wrong}
    />
  )
}

export function formatInWords(format: NonNullable<WebhookResponse['format']>): string {
  return IN_WORDS[format]
}

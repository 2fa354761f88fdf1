// Whether the receiver of a webhook is asked first, on its form.

import { SelectField } from './fields.tsx'

const VERIFICATIONS = [
  ['', 'no'],
  ['challenge', 'by a challenge that it repeats'],
  ['cloudevents', 'by the handshake of CloudEvents'],
] as const

export function VerificationField({
  value,
  wrong,
}: {
  /** Empty: it is not asked. */
  readonly value: string
  readonly wrong: string | undefined
}) {
  return (
    <SelectField
      name="verification"
      label="Ask the receiver first"
      options={VERIFICATIONS}
      value={value}
      hint="Until it agrees, its events wait. It is asked again when the URL changes."
      wrong={wrong}
    />
  )
}

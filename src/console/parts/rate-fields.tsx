// The rate of a webhook on its form.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import { TextField } from './fields.tsx'
import { toNumber } from './numbers.ts'

/** Numbers; empty: no such bound. */
export interface RateFields {
  readonly perSecond: string
  readonly perMinute: string
  readonly concurrency: string
}

export const EMPTY_RATE_FIELDS: RateFields = { perSecond: '', perMinute: '', concurrency: '' }

/** The fields of a form that was sent. */
export function rateFieldsOf(text: (name: string) => string): RateFields {
  return {
    perSecond: text('perSecond'),
    perMinute: text('perMinute'),
    concurrency: text('concurrency'),
  }
}

/** The fields of a webhook as it is. */
export function rateFieldsOfWebhook({ rate }: WebhookResponse): RateFields {
  return rateFieldsOf((name) => {
    const bounds: Readonly<Record<string, number | null | undefined>> = rate ?? {}
    return bounds[name]?.toString() ?? ''
  })
}

/** What the API takes. What is no number is left to it to refuse. */
export function toRate({ perSecond, perMinute, concurrency }: RateFields) {
  if (perSecond === '' && perMinute === '' && concurrency === '') return null
  const toBound = (text: string) => (text === '' ? null : toNumber(text))
  return {
    perSecond: toBound(perSecond),
    perMinute: toBound(perMinute),
    concurrency: toBound(concurrency),
  }
}

export function RateFormFields({
  fields,
  wrong,
}: {
  readonly fields: RateFields
  readonly wrong: (name: string) => string | undefined
}) {
  const ofMinute = wrong('rate.perMinute')
  const ofConcurrency = wrong('rate.concurrency')
  const ofAll = ofMinute === undefined && ofConcurrency === undefined ? wrong('rate') : undefined
  return (
    <>
      <div class="pair">
        <TextField
          name="perSecond"
          label="Requests a second"
          inputmode="numeric"
          value={fields.perSecond}
          hint="At most, in any second. Empty: no bound."
          wrong={wrong('rate.perSecond') ?? ofAll}
        />
        <TextField
          name="perMinute"
          label="Requests a minute"
          inputmode="numeric"
          value={fields.perMinute}
          hint="At most, in any minute; one of the two."
          wrong={ofMinute}
        />
      </div>
      <TextField
        name="concurrency"
        label="Requests under way"
        inputmode="numeric"
        value={fields.concurrency}
        hint="At most, at a time. What exceeds these waits, and leaves in order."
        wrong={ofConcurrency}
      />
    </>
  )
}

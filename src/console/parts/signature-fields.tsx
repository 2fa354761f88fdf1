// The HTTP signature of a webhook on its form, and in words.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import { type ConsoleContext, may } from '../context.ts'
import { SelectField, TextField } from './fields.tsx'

export interface SignatureFields {
  /** Empty: none. */
  readonly signatureProfile: string
  readonly ucpAgent: string
}

export const EMPTY_SIGNATURE_FIELDS: SignatureFields = { signatureProfile: '', ucpAgent: '' }

const PROFILES = [
  ['', 'no'],
  ['standard', 'with Ed25519, as bot protection reads it'],
  ['ucp', 'with ES256, for the Universal Commerce Protocol'],
] as const

/** The fields of a form that was sent. */
export function signatureFieldsOf(text: (name: string) => string): SignatureFields {
  return { signatureProfile: text('signatureProfile'), ucpAgent: text('ucpAgent') }
}

/** The fields of a webhook as it is. */
export function signatureFieldsOfWebhook({ httpSignature }: WebhookResponse): SignatureFields {
  if (httpSignature === null) return EMPTY_SIGNATURE_FIELDS
  const ucpAgent = httpSignature.profile === 'ucp' ? httpSignature.ucpAgent : ''
  return { signatureProfile: httpSignature.profile, ucpAgent }
}

/** What the API takes. A profile for which there is no place is left to it to refuse. */
export function toHttpSignature({ signatureProfile, ucpAgent }: SignatureFields) {
  if (signatureProfile === '' && ucpAgent === '') return null
  return { profile: signatureProfile, ...(ucpAgent !== '' && { ucpAgent }) }
}

/** UCP is there for who may name a business, and for a webhook that has it. */
export function SignatureFormFields({
  c,
  fields,
  wrong,
}: {
  readonly c: ConsoleContext
  readonly fields: SignatureFields
  readonly wrong: (name: string) => string | undefined
}) {
  const ofAgent = wrong('httpSignature.ucpAgent')
  const hasUcp = fields.signatureProfile === 'ucp' || may(c, 'ucp-agent:write')
  const profiles = PROFILES.filter(([profile]) => hasUcp || profile !== 'ucp')
  return (
    <div class="pair">
      <SelectField
        name="signatureProfile"
        label="Sign as RFC 9421 says"
        options={profiles}
        value={fields.signatureProfile}
        hint="Receivers look up what checks it; it comes beside the signature by the webhook’s secret."
        wrong={ofAgent === undefined ? wrong('httpSignature') : undefined}
      />
      {hasUcp && (
        <TextField
          name="ucpAgent"
          label="Profile of the business"
          value={fields.ucpAgent}
          hint="Only for the Universal Commerce Protocol, such as https://shop.example/.well-known/ucp."
          wrong={ofAgent}
        />
      )}
    </div>
  )
}

/** By what key, and for whom. */
export function signatureInWords(signature: NonNullable<WebhookResponse['httpSignature']>): string {
  switch (signature.profile) {
    case 'standard':
      return 'Ed25519, by this service'
    case 'ucp':
      return `ES256, for ${signature.ucpAgent}`
  }
}

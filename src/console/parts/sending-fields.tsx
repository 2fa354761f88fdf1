// How a webhook is sent to, on its form: what few need, each part folded away until it says something.

import type { ConsoleContext } from '../context.ts'
import { BatchFormFields } from './batch-fields.tsx'
import { Fold } from './fields.tsx'
import { OrderFormFields } from './order-fields.tsx'
import { RateFormFields } from './rate-fields.tsx'
import { SignatureFormFields } from './signature-fields.tsx'
import { VerificationField } from './verification-field.tsx'
import type { WebhookFields } from './webhook-fields.ts'

/** Of a webhook to which something is sent: its rate, order, batch, HTTP signature and verification. */
export function SendingFields({
  c,
  fields,
  wrong,
}: {
  readonly c: ConsoleContext
  readonly fields: WebhookFields
  readonly wrong: (name: string) => string | undefined
}) {
  const isWrong = (name: string) => wrong(name) !== undefined
  return (
    <>
      <Fold
        title="How fast requests come"
        values={[fields.perSecond, fields.perMinute, fields.concurrency]}
        isWrong={isWrong('rate')}
      >
        <RateFormFields fields={fields} wrong={wrong} />
      </Fold>
      <Fold
        title="In which order events come"
        values={[fields.inOrder, fields.orderKey, fields.orderBlocks]}
        isWrong={isWrong('order')}
      >
        <OrderFormFields fields={fields} wrong={wrong} />
      </Fold>
      <Fold
        title="Several events in one request"
        values={[fields.maxEvents, fields.maxWaitMs]}
        isWrong={isWrong('batch')}
      >
        <BatchFormFields fields={fields} wrong={wrong} />
      </Fold>
      <Fold
        title="A signature that anybody can check"
        values={[fields.signatureProfile, fields.ucpAgent]}
        isWrong={isWrong('httpSignature')}
      >
        <SignatureFormFields c={c} fields={fields} wrong={wrong} />
      </Fold>
      <Fold
        title="Whether the receiver is asked first"
        values={[fields.verification]}
        isWrong={isWrong('verification')}
      >
        <VerificationField value={fields.verification} wrong={wrong('verification')} />
      </Fold>
    </>
  )
}

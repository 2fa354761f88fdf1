// Data of one version made of that of another. In: a conversion and JSON text; out: JSON text of an object, in which numbers that were
// only moved are as they were written, or why there is none.

import { formatPath, type Issue } from '../../errors.ts'
import { isRecord } from '../../primitives/is-record.ts'
import { CONVERSIONS, EXPRESSION } from '../expressions/bounds.ts'
import { compileOnce, isCompiled } from '../expressions/compile-once.ts'
import { evaluateExpression } from '../expressions/evaluate.ts'
import { ExpressionFailure, type FailureCode } from '../expressions/failure.ts'
import { readJson } from '../expressions/read-json.ts'
import { writeValue } from '../expressions/write-value.ts'
import { WrittenNumber } from '../expressions/written-number.ts'
import type { Conversion, EventTypeDefinition, VersionData } from '../model/index.ts'
import { evaluate } from './evaluate.ts'
import { type EventSteps, Steps } from './steps.ts'

/** Why there is none: of the expression, or of what it makes. */
type ConversionFailureCode = FailureCode | 'no_object' | 'invalid'

export type Converted = { readonly kind: 'converted'; readonly data: string } | NotConverted

export interface NotConverted {
  readonly kind: 'failed'
  readonly code: ConversionFailureCode
  /** As a sentence, without what stands in the data. */
  readonly reason: string
}

/** What a conversion makes of data (JSON text of an object), within `steps` and the bounds of any expression. */
export async function convertData(
  { expression }: Pick<Conversion, 'expression'>,
  data: string,
  steps: Steps,
): Promise<Converted> {
  // Compiled once for all events: it is not one of them that pays for it.
  if (!isCompiled(expression)) {
    steps.spendOfWhole(Math.ceil(expression.length / EXPRESSION.compiledPerStep))
  }
  const compiled = compileOnce(expression)
  if (typeof compiled === 'string') return notConverted('failed', compiled)
  const most = Math.min(steps.remaining, EXPRESSION.steps)
  const reading = Math.ceil(data.length / EXPRESSION.readPerStep)
  let taken = reading
  try {
    if (reading > most) return notConverted('too_many_steps', TOO_MANY_STEPS)
    const { value, hasWritten } = readJson(data, 'data')
    const input = { value, hasWrittenNumbers: hasWritten }
    const made = await evaluateExpression(compiled, input, { steps: most - reading })
    taken += made.steps
    if (made.kind === 'failed') {
      // How many were left is of no use to anybody: another event has others.
      const isTooLong = made.code === 'too_many_steps'
      return notConverted(made.code, isTooLong ? TOO_MANY_STEPS : made.message)
    }
    if (!isObject(made.value)) return notConverted('no_object', 'It makes no object.')
    return { kind: 'converted', data: writeValue(made.value) }
  } catch (thrown) {
    if (!(thrown instanceof ExpressionFailure)) throw thrown
    return notConverted(thrown.code, thrown.message)
  } finally {
    steps.spend(Math.min(taken, steps.remaining))
  }
}

export interface PreviewedConversion {
  /** The data; null where there is none. */
  readonly text: string | null
  /** Why there is none, as a sentence; else null. */
  readonly error: string | null
  readonly steps: number
}

/** What a conversion makes of data, to be looked at by whoever writes it. */
export async function previewConversion(
  expression: string,
  data: string,
): Promise<PreviewedConversion> {
  const steps = new Steps(CONVERSIONS.eventSteps)
  const made = await convertData({ expression }, data, steps)
  const taken = CONVERSIONS.eventSteps - steps.remaining
  if (made.kind === 'failed') return { text: null, error: made.reason, steps: taken }
  return { text: made.data, error: null, steps: taken }
}

const TOO_MANY_STEPS = 'It takes more steps than there are for the conversions of an event.'

export function notConverted(code: ConversionFailureCode, reason: string): NotConverted {
  return { kind: 'failed', code, reason }
}

/** How it is told that what was made is not valid. */
export function invalidMade(flaw: Issue | 'too_complex'): string {
  if (flaw === 'too_complex') return 'What it makes is too complex to be checked.'
  const where = flaw.path.length === 0 ? '' : ` at ${formatPath(flaw.path)}`
  return `What it makes is not valid${where}: ${flaw.message}`
}

function isObject(value: unknown): boolean {
  return isRecord(value) && !(value instanceof WrittenNumber)
}

/** What `assignData` goes by for data that is in no event yet, such as examples. */
export function validConversions(
  schemas: EventTypeDefinition['schemas'],
  { checking, converting }: EventSteps,
) {
  const check = (version: string, data: string) =>
    evaluate(schemas[version] ?? true, JSON.parse(data), checking)
  return {
    isFit: (version: string, { data }: VersionData) => check(version, data) === 'valid',
    convert: async (conversion: Conversion, data: string): Promise<Converted> => {
      const converted = await convertData(conversion, data, converting)
      if (converted.kind === 'failed') return converted
      const flaw = check(conversion.to, converted.data)
      return flaw === 'valid' ? converted : notConverted('invalid', invalidMade(flaw))
    },
  }
}

// What a tool is: a value that says who may use it, what goes in and what comes out, and asks `/v1` for it.

import { z } from 'zod'
import { type Permission, TENANT_UID } from '../engine/model/index.ts'
import type { V1 } from '../http/v1.ts'
import { isRecord } from '../primitives/is-record.ts'
import { validate } from '../primitives/validate.ts'
import { fence, Untrusted, type Written } from './untrusted.ts'

/** What may come of a call, for clients that ask people first. */
interface Effects {
  /** Whether receivers are called, or may be from now on. */
  readonly reachesOut: boolean
  /** Whether what it does cannot be taken back. */
  readonly isFinal: boolean
}

interface ToolDefinition<Input, Facts extends Readonly<Record<string, unknown>>> {
  readonly name: string
  readonly title: string
  readonly description: string
  /** What `/v1` takes for it. */
  readonly needs: readonly Permission[]
  /** Only what a tool does that writes. */
  readonly writes?: Effects
  /** How to see what an answer had no room for; nothing where that is never so long. */
  readonly whenCut?: string
  /** About the deployment: for operator keys alone, and without a tenant. */
  readonly isOfOperator?: true
  readonly input: z.ZodObject & z.ZodType<Input>
  /** What Hookline itself says: ids, times, numbers, words of its own. */
  readonly facts: z.ZodObject & z.ZodType<Facts>
  readonly run: (asked: Asked<Input>) => Promise<Told<Facts>>
}

interface Asked<Input> {
  readonly input: Input
  /** `/v1` as the caller has it, below the tenant that it named. */
  readonly v1: V1
  /**
   * Aborts when the caller is gone, where the runtime says so: workerd does with the compatibility flag `enable_request_signal`, which is
   * not set (wrangler.toml). Without it the runtime itself ends an invocation that nobody waits for.
   */
  readonly signal: AbortSignal
}

interface Told<Facts> {
  /** In a sentence or more, of Hookline's own words. */
  readonly says: string
  readonly facts: Facts
  readonly untrusted: readonly Written[]
}

/** Who calls a tool, and what for. */
interface ToolCall {
  readonly args: unknown
  readonly isOperator: boolean
  readonly v1: (base: string) => V1
  readonly signal: AbortSignal
}

interface ToolAnswer {
  readonly text: string
  readonly structured: Readonly<Record<string, unknown>>
}

export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly needs: readonly Permission[]
  readonly writes: Effects | null
  readonly isOfOperator: boolean
  /** As JSON Schema, both. */
  readonly inputSchema: (isOperator: boolean) => Readonly<Record<string, unknown>>
  readonly outputSchema: Readonly<Record<string, unknown>>
  /** Throws `invalid` for wrong arguments, and `Refusal` for what `/v1` refuses. */
  readonly call: (asked: ToolCall) => Promise<ToolAnswer>
}

/** What an operator key names in each call. */
const TenantInput = z.strictObject({
  tenant: z
    .string()
    .regex(TENANT_UID, 'Expected the id or the uid of a tenant.')
    .describe('The tenant: its id, or the `uid` that you gave it.'),
})

/** In every answer. */
const SAYS = z.string().describe('What came of the call, as Hookline says it.')

/** A tool from its definition. */
export function tool<Input, Facts extends Readonly<Record<string, unknown>>>(
  definition: ToolDefinition<Input, Facts>,
): Tool {
  const { name, title, description, input, facts, writes = null, run } = definition
  const isOfOperator = definition.isOfOperator ?? false
  const namesTenant = (isOperator: boolean) => isOperator && !isOfOperator
  const output = facts.extend({ says: SAYS, untrusted: Untrusted.optional() })
  const ofTenant = toSchema(input, 'input')
  const ofOperator = toSchema(TenantInput.extend(input.shape), 'input')
  return {
    ...{ name, title, description, writes, isOfOperator },
    needs: writes === null ? definition.needs : [...definition.needs, 'mcp:write'],
    inputSchema: (isOperator) => (namesTenant(isOperator) ? ofOperator : ofTenant),
    outputSchema: toSchema(output, 'output'),
    async call({ args, isOperator, v1, signal }) {
      const { base, others } = namesTenant(isOperator)
        ? readTenant(args)
        : { base: '', others: args }
      const asked = { input: validate(input, others ?? {}), v1: v1(base), signal }
      return write(await run(asked), definition.whenCut)
    },
  }
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Readonly<Record<string, unknown>> {
  return withOneType({ ...z.toJSONSchema(schema, { io }) })
}

/** The same schema with one type in each place: what some vendors' models are given takes no list of them. */
function withOneType(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { type, ...others } = schema
  const entries = Object.entries(Array.isArray(type) ? others : schema).map(
    ([name, value]): [string, unknown] => [name, isRecord(value) ? withOneType(value) : value],
  )
  const anyOf = Array.isArray(type) ? type.map((one) => ({ type: one })) : schema.anyOf
  if (!Array.isArray(anyOf)) return Object.fromEntries(entries)
  const options = anyOf.map((one) => (isRecord(one) ? withOneType(one) : one))
  return { ...Object.fromEntries(entries), anyOf: options }
}

function readTenant(args: unknown) {
  const { tenant: given, ...others } = isRecord(args) ? args : { tenant: undefined }
  const { tenant } = validate(TenantInput, { tenant: given })
  return { base: `/tenants/${encodeURIComponent(tenant)}`, others }
}

/** The same for clients that read structures and for those that read text: what others wrote stands in one place of each. */
function write(
  { says, facts, untrusted: parts }: Told<Readonly<Record<string, unknown>>>,
  whenCut: string | undefined,
): ToolAnswer {
  const { untrusted, shortened } = parts.length > 0 ? fence(parts) : { shortened: 0 }
  const said = shortened === 0 ? says : `${says} ${shortenedText(shortened, whenCut)}`
  const own = `${said}\n${JSON.stringify(facts)}`
  return {
    text: untrusted === undefined ? own : `${own}\n\n${untrusted.notice}\n${untrusted.text}`,
    structured: { says: said, ...facts, ...(untrusted && { untrusted }) },
  }
}

function shortenedText(count: number, whenCut: string | undefined): string {
  const what = count === 1 ? 'One item is' : `${count} items are`
  return `${what} shortened${whenCut === undefined ? '' : `: ${whenCut}`}.`
}

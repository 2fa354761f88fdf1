// What the pages of the reference read of `/v1/openapi.json`, in the words of OpenAPI 3.1.

import { z } from 'zod'

export interface SchemaObject {
  readonly $ref?: string | undefined
  readonly type?: string | readonly string[] | undefined
  readonly description?: string | undefined
  readonly format?: string | undefined
  readonly pattern?: string | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly const?: unknown
  readonly default?: unknown
  readonly example?: unknown
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  readonly minProperties?: number | undefined
  readonly maxProperties?: number | undefined
  readonly required?: readonly string[] | undefined
  readonly properties?: Readonly<Record<string, SchemaObject>> | undefined
  readonly items?: SchemaObject | undefined
  readonly additionalProperties?: boolean | SchemaObject | undefined
  readonly anyOf?: readonly SchemaObject[] | undefined
  readonly oneOf?: readonly SchemaObject[] | undefined
}

const text = z.string().optional()
const number = z.number().optional()

const SchemaObject: z.ZodType<SchemaObject> = z.lazy(() =>
  z.object({
    ...{ $ref: text, description: text, format: text, pattern: text },
    ...{ minimum: number, maximum: number, minLength: number, maxLength: number },
    ...{ minItems: number, maxItems: number, minProperties: number, maxProperties: number },
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    default: z.unknown().optional(),
    example: z.unknown().optional(),
    required: z.array(z.string()).optional(),
    properties: z.record(z.string(), SchemaObject).optional(),
    items: SchemaObject.optional(),
    additionalProperties: z.union([z.boolean(), SchemaObject]).optional(),
    anyOf: z.array(SchemaObject).optional(),
    oneOf: z.array(SchemaObject).optional(),
  }),
)

const ParameterObject = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  description: text,
  schema: SchemaObject,
})
export type ParameterObject = z.infer<typeof ParameterObject>

/** By media type, of which there is one at most. */
const MediaTypes = z.record(z.string(), z.object({ schema: SchemaObject })).default({})
export type MediaTypes = z.infer<typeof MediaTypes>

const OperationObject = z.object({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().default(''),
  tags: z.tuple([z.string()]),
  security: z.array(z.record(z.string(), z.unknown())),
  parameters: z.array(ParameterObject).default([]),
  requestBody: z.object({ required: z.boolean().default(false), content: MediaTypes }).optional(),
  responses: z.record(
    z.string(),
    z.object({
      description: z.string(),
      headers: z.record(z.string(), z.unknown()).default({}),
      content: MediaTypes,
    }),
  ),
})

/** An operation with where it is. */
export type DescribedOperation = z.infer<typeof OperationObject> & {
  readonly method: string
  readonly path: string
}

const OpenApi = z.object({
  paths: z.record(z.string(), z.record(z.string(), OperationObject)),
  tags: z.array(z.object({ name: z.string(), 'x-displayName': z.string().optional() })).default([]),
  components: z.object({ schemas: z.record(z.string(), z.unknown()).default({}) }),
})

export interface Description {
  readonly operations: readonly DescribedOperation[]
  /** How tags are written for people, of those that say so. */
  readonly titles: ReadonlyMap<string, string>
  /** A schema that others refer to by its name. Throws where there is none. */
  readonly schemaNamed: (name: string) => SchemaObject
}

/** Reads a description. Named schemas are read when they are asked for: those of a deployment's own event types are its own. */
export function readDescription(document: string): Description {
  const { paths, tags, components } = OpenApi.parse(JSON.parse(document))
  const read = new Map<string, SchemaObject>()
  return {
    operations: Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        method: method.toUpperCase(),
        path,
      })),
    ),
    titles: new Map(
      tags.flatMap(({ name, 'x-displayName': title }) => (title ? [[name, title]] : [])),
    ),
    schemaNamed(name) {
      const schema = read.get(name) ?? SchemaObject.parse(components.schemas[name])
      read.set(name, schema)
      return schema
    },
  }
}

/** The name in a reference to a schema: the last part of it. */
export function nameIn($ref: string): string {
  return $ref.slice($ref.lastIndexOf('/') + 1)
}

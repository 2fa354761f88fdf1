// What of an endpoint is secret: what signs its requests, and the headers that they have.

import { z } from 'zod'
import { checkHeaders } from '../../engine/attempt/header-policy.ts'
import type { Header } from '../../engine/model/index.ts'
import { currentSecret } from '../../engine/signing/index.ts'
import { invalid, notFound } from '../../errors.ts'
import { toHeaderLines, valuesByName } from '../../http/header-lines.ts'
import { nothing, optionalJson, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import { WEBHOOK } from '../../limits.ts'
import { endpointId, endpointsOf } from './params.ts'
import { HeaderMap, Secret } from './schema/endpoint.ts'

const EndpointSecretOut = z
  .object({ key: z.string().meta({ description: 'What signs requests.' }) })
  .meta({ id: 'SvixEndpointSecretOut' })

const RotateIn = z
  .object({
    key: Secret.nullish().meta({ description: 'The new secret; one is made if absent.' }),
    gracePeriodSeconds: z
      .int()
      .min(0)
      .max(WEBHOOK.maxGraceSeconds)
      .nullish()
      .meta({ description: 'How long the former one signs as well; a day if absent.' }),
  })
  .meta({ id: 'SvixEndpointSecretRotateIn' })

/** Names of headers whose values are not shown, as Svix's open server has them. */
const SENSITIVE: ReadonlySet<string> = new Set([
  'x-auth-token',
  'www-authenticate',
  'authorization',
  'proxy-authenticate',
  'proxy-authorization',
])

const HeadersOut = z
  .object({
    headers: z.record(z.string(), z.string()).meta({ description: 'Headers and their values.' }),
    sensitive: z.array(z.string()).meta({ description: 'Headers whose values are not shown.' }),
  })
  .meta({ id: 'SvixEndpointHeadersOut' })

const HeadersIn = z
  .object({ headers: HeaderMap.meta({ description: 'All headers.' }) })
  .meta({ id: 'SvixEndpointHeadersIn' })

const HeadersPatch = z
  .object({
    headers: z
      .record(z.string(), z.string().nullable())
      .meta({ description: 'Headers to set; null removes one.' }),
    deleteHeaders: z.array(z.string()).nullish().meta({ description: 'Headers to remove.' }),
  })
  .meta({ id: 'SvixEndpointHeadersPatchIn' })

/** Without `showsValues` each counts as sensitive: values are secrets (docs/contracts/README.md, "Secrets"). */
function toHeadersOut(lines: readonly Header[], showsValues: boolean): z.infer<typeof HeadersOut> {
  const all = valuesByName(lines).map(([name, values]) => [name, values.join(', ')] as const)
  const isSensitive = ([name]: readonly [string, string]) =>
    !showsValues || SENSITIVE.has(name.toLowerCase())
  return {
    headers: Object.fromEntries(all.filter((one) => !isSensitive(one))),
    sensitive: all.filter(isSensitive).map(([name]) => name),
  }
}

/** The lines with those of a patch in their place. Throws `invalid` for what cannot be sent. */
function toPatchedLines(
  { headers, deleteHeaders }: z.infer<typeof HeadersPatch>,
  current: readonly Header[],
): readonly Header[] {
  const set = Object.entries(headers).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  )
  const gone = new Set(
    [...Object.keys(headers), ...(deleteHeaders ?? [])].map((name) => name.toLowerCase()),
  )
  const kept = current.filter(([name]) => !gone.has(name.toLowerCase()))
  const lines = [...kept, ...toHeaderLines(Object.fromEntries(set), current)]
  const flaw = checkHeaders(lines)
  if (flaw !== null) throw invalid(['headers'], flaw)
  return lines
}

const PATH = '/app/{app_id}/endpoint/{endpoint_id}'

export const endpointSecretOperations = [
  operation({
    id: 'getEndpointSecret',
    method: 'get',
    path: `${PATH}/secret`,
    summary: 'Get the secret of an endpoint',
    access: ['webhook-secrets:read'],
    input: nothing,
    status: 200,
    output: EndpointSecretOut,
    handle: async ({ c, id }) => {
      const webhook = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
      const key = currentSecret(webhook.secrets.signing, Date.now())
      if (key === null) throw notFound('secret')
      return { key }
    },
  }),
  repeatable(
    operation({
      id: 'rotateEndpointSecret',
      method: 'post',
      path: `${PATH}/secret/rotate`,
      summary: 'Rotate the secret of an endpoint',
      access: ['webhook-secrets:write'],
      audit: ['webhook.secret_rotated'],
      input: optionalJson(RotateIn),
      status: 204,
      errors: ['limit_reached'],
      handle: async ({ c, id, input: { key, gracePeriodSeconds } }) => {
        const webhook = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        await seen(c).webhooks.rotateSecret(webhook, {
          secret: key ?? null,
          gracePeriodSeconds: gracePeriodSeconds ?? WEBHOOK.graceSeconds,
        })
      },
    }),
  ),
  operation({
    id: 'getEndpointHeaders',
    method: 'get',
    path: `${PATH}/headers`,
    summary: 'Get the headers of an endpoint',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: HeadersOut,
    handle: async ({ c, id }) => {
      const webhook = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
      const { permissions } = c.get('principal')
      return toHeadersOut(webhook.secrets.headers, permissions.includes('webhooks:write'))
    },
  }),
  operation({
    id: 'setEndpointHeaders',
    method: 'put',
    path: `${PATH}/headers`,
    summary: 'Set the headers of an endpoint',
    access: ['webhooks:write'],
    audit: ['webhook.updated'],
    input: vendorJson(HeadersIn),
    status: 204,
    handle: async ({ c, id, input }) => {
      const name = await endpointId(c, id('endpoint_id'))
      await endpointsOf(c).update(name, ({ secrets }) => ({
        secrets: { ...secrets, headers: toHeaderLines(input.headers, secrets.headers) },
      }))
    },
  }),
  operation({
    id: 'patchEndpointHeaders',
    method: 'patch',
    path: `${PATH}/headers`,
    summary: 'Change the headers of an endpoint',
    access: ['webhooks:write'],
    audit: ['webhook.updated'],
    input: vendorJson(HeadersPatch),
    status: 204,
    handle: async ({ c, id, input }) => {
      const name = await endpointId(c, id('endpoint_id'))
      await endpointsOf(c).update(name, ({ secrets }) => ({
        secrets: { ...secrets, headers: toPatchedLines(input, secrets.headers) },
      }))
    },
  }),
]

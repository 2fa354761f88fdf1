// What a server of Svix's API has of one application, and what Svix has besides, which Hookline has no place for.

import { z } from 'zod'
import { atMostAtOnce } from '../../src/primitives/at-once.ts'
import { type Api, ApiError } from './api.ts'
import { Endpoint, EndpointHeaders, EndpointSecret, Named, Transformation } from './shapes.ts'

/** Endpoints of one application that are read at the same time. */
const ENDPOINTS = 4

/** Statuses of what is not there, or of a call that a server does not have. */
const ABSENT: readonly (number | null)[] = [404, 405, 501]
/** Statuses of a call that this account or token may not make. */
const CLOSED: readonly (number | null)[] = [400, 402, 403]

/**
 * All endpoints of an application with their secrets and headers; null where there is no such application. `isTransformed` is asked for
 * each by its path.
 */
export async function readEndpoints(
  api: Api,
  applicationId: string,
  isTransformed: (path: string) => Promise<boolean> = async () => false,
): Promise<readonly Endpoint[] | null> {
  const base = `/app/${encodeURIComponent(applicationId)}/endpoint`
  const listed = await orNull(api.list(Endpoint, base))
  if (listed === null) return null
  const read = await atMostAtOnce(listed, ENDPOINTS, async (endpoint) => {
    const path = `${base}/${encodeURIComponent(endpoint.id)}`
    const secret = await orNull(api.get(EndpointSecret, `${path}/secret`))
    const headers = await orNull(api.get(EndpointHeaders, `${path}/headers`))
    // It was deleted meanwhile.
    if (secret === null || headers === null) return []
    const own = { secret: secret.key, isTransformed: await isTransformed(path) }
    return [{ ...endpoint, ...headers, ...own }]
  })
  return read.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** What Svix has that is not taken over, as far as it shows it. */
export class Extras {
  private readonly svix: Api
  /** What it did not show. */
  private readonly hidden = new Set<string>()

  constructor(svix: Api) {
    this.svix = svix
  }

  /** Whether code of its own changes what is sent to an endpoint. */
  async isTransformed(path: string): Promise<boolean> {
    const asked = this.svix.get(Transformation, `${path}/transformation`)
    const found = await this.seek('transformations', asked)
    return found?.enabled === true && found.code !== ''
  }

  /** A sentence for each integration of an application. */
  async integrationsOf(applicationId: string): Promise<readonly string[]> {
    const path = `/app/${encodeURIComponent(applicationId)}/integration`
    const found = await this.seek('integrations', this.svix.list(Named, path))
    return (found ?? []).map(({ name }) => `its integration ${name}: Hookline has none`)
  }

  /** Sentences about what belongs to no application, and about what was not shown. */
  async findOthers(): Promise<readonly string[]> {
    const asked = this.svix.list(z.unknown(), '/operational-webhook/endpoint')
    const count = (await this.seek('operational webhooks', asked))?.length ?? 0
    return [...(count === 0 ? [] : [`operational webhooks: ${count}`]), ...this.hidden]
  }

  private async seek<T>(what: string, asked: Promise<T>): Promise<T | null> {
    try {
      return await orNull(asked)
    } catch (error) {
      if (!(error instanceof ApiError) || !CLOSED.includes(error.status)) throw error
      this.hidden.add(`${what}: Svix does not show them to this token`)
      return null
    }
  }
}

/** Null where the server does not have what is asked for. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError && ABSENT.includes(error.status)) return null
    throw error
  }
}

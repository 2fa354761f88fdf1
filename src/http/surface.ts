// What every surface's Hono app has at hand: the engine and the deployment's settings from the Worker, the
// caller from `authenticate`.

import type { Context } from 'hono'
import type { Engine } from '../engine/index.ts'
import type { Caller, Principal, SignedIn } from '../engine/model/index.ts'
import type { CheckTarget, Log } from '../engine/ports/index.ts'
import type { EngineErrorCode } from '../errors.ts'

/** How customers' pages look, and who may frame them. */
export interface PortalSettings {
  readonly name: string
  /** An https URL; null for none. */
  readonly logoUrl: string | null
  /** `#rrggbb`; null for the colour of the pages. */
  readonly color: string | null
  /** Origins whose pages may hold them in a frame. */
  readonly frameOrigins: readonly string[]
}

export interface SurfaceBindings {
  /** Webhooks and events only as the caller may see them (`seen`): no call can forget to ask whose they are; publishing aside. */
  readonly engine: Pick<
    Engine,
    | 'administration'
    | 'audit'
    | 'sessions'
    | 'portalLinks'
    | 'notices'
    | 'eventTypes'
    | 'publishToTenants'
    | 'checkPublish'
    | 'repeatedCalls'
    | 'seenBy'
    | 'system'
  >
  /** Whoever is signed in to the page that asks, as its session proved; left out where a credential is to be shown. */
  readonly signedIn?: SignedIn
  /** On which pages that is; only with `signedIn`. */
  readonly signedInAt?: 'console' | 'portal'
  /** Whether that session is good, asked anew: what goes on after its answer began ends with it. Only with `signedIn`. */
  readonly isStillSignedIn?: () => Promise<boolean>
  readonly log: Log
  /** Where this deployment is reached, as others are told; null: where the request went. */
  readonly publicOrigin: string | null
  readonly portal: PortalSettings
  /** Bearer token of the administrator. */
  readonly adminToken: string
  /** What to tell everybody where a secret is a published example; null where none is. */
  readonly exampleSecret: string | null
  /** Why a URL may not be a target; null when it may. `create` and `update` of the engine check as well. */
  readonly checkTarget: CheckTarget
  /** Whether a URL names a host that is not reachable from the public internet. */
  readonly isPrivateTarget: (url: string) => boolean
  /** Whether a key may make one more request now; null where nobody counts. */
  readonly withinRate: ((keyId: string) => Promise<boolean>) | null
  /** Origins whose web pages may call. */
  readonly allowedOrigins: ReadonlySet<string>
  /** True when the deployment lets webhooks point at private addresses (local development). */
  readonly privateTargetsAllowed: boolean
}

interface SurfaceVariables {
  /** Whose key it is. Only behind `authenticate`, and not where the administrator asks. */
  caller: Caller
  /** The caller, and the tenant it acts for: its own, or the one that the path names. */
  principal: Principal
  /** The dialect of the surface that was asked. */
  surface: string
  /** Correlates the log lines of one request. */
  requestId: string
  /** What went wrong, for the request's log line. */
  failure: EngineErrorCode
  /** The tool that was called through the MCP server, for the request's log line. */
  tool: string
}

export type SurfaceEnv = { Bindings: SurfaceBindings; Variables: SurfaceVariables }

export type SurfaceContext = Context<SurfaceEnv>

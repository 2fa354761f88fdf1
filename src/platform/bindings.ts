// The bindings of wrangler.toml and the secrets, as every part of the Worker sees them. Its Durable Objects are in env.ts, because
// they see these themselves.

export interface Bindings {
  readonly DB: D1Database
  readonly ACCEPTED: Queue
  /** Other Workers send here; Hookline only looks how much waits. */
  readonly EVENTS: Queue
  readonly DELIVERIES: Queue
  /** Deliveries to webhooks in the slow lane. */
  readonly SLOW: Queue
  readonly DEAD_ACCEPTED: Queue
  readonly DEAD_EVENTS: Queue
  readonly DEAD_DELIVERIES: Queue
  readonly DELAY_SCALE: string
  readonly ALLOW_PRIVATE_TARGETS: string
  /** Host names this deployment answers at, separated by commas: no webhook may point there. */
  readonly OWN_HOSTS?: string
  /** URL of a DNS-over-HTTPS resolver with JSON answers; without it nobody is asked what a target resolves to. */
  readonly DNS_CHECK_URL?: string
  /** `true` counts the requests of each key with KEY_REQUESTS. */
  readonly RATE_LIMIT: string
  readonly KEY_REQUESTS: RateLimit
  /** Origins whose web pages may call, separated by commas. */
  readonly ALLOWED_ORIGINS: string
  /** Where this deployment is reached, as links say it; without it where each request went. */
  readonly PUBLIC_URL?: string
  /** What customers' pages are called, their logo and their colour (`#rrggbb`). */
  readonly PORTAL_NAME?: string
  readonly PORTAL_LOGO_URL?: string
  readonly PORTAL_COLOR?: string
  /** Origins whose pages may hold customers' pages in a frame, separated by commas. */
  readonly PORTAL_ORIGINS?: string
  /** Sends mails; with NOTICE_FROM as their sender. */
  readonly NOTICES?: SendEmail
  readonly NOTICE_FROM?: string
  /** How many webhooks a tenant may have. */
  readonly WEBHOOKS_PER_TENANT: string
  /** How many deliveries a batch of the events queue takes on. */
  readonly FAN_OUT: string
  /** How many first attempts a publish makes itself; 0 sends everything through the queue. */
  readonly FIRST_ATTEMPTS: string
  /** How many shards the event log of a tenant has: a number, and later ones with the times from which on they count. */
  readonly EVENT_LOG_SHARDS?: string
  /** `forbid` refuses events of types that the catalogue does not list. */
  readonly UNLISTED_EVENT_TYPES?: string
  /** Secret: bearer token of the administration calls. */
  readonly ADMIN_TOKEN: string
  /** Secret: AES-256 key(s), base64, newest first, separated by commas. */
  readonly SECRETS_KEY: string
  /** Secret: private keys of HTTP signatures, PKCS #8 in base64, separated by commas; the first of each kind signs. */
  readonly SIGNING_KEYS?: string
}

// Tenants, and the catalogue of templates.

/** A customer of the account that runs Hookline; everything else belongs to exactly one. */
export interface Tenant {
  readonly id: string
  readonly name: string
  /** Unix milliseconds, like every `…At` in the model. */
  readonly createdAt: number
}

/** An entry of the catalogue of kinds of processing that some surfaces let a webhook refer to. */
export interface Template {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly description: string
}

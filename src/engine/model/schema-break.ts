// What a change of an event type breaks (docs/event-types.md, "What a change breaks").

/** Each kind of break, and whom it breaks: who publishes, who receives, or both. */
export const BREAK_KINDS = {
  property_removed: 'both',
  property_required: 'publishers',
  property_optional: 'receivers',
  properties_closed: 'publishers',
  properties_opened: 'receivers',
  type_narrowed: 'publishers',
  type_widened: 'receivers',
  type_changed: 'both',
  enum_narrowed: 'publishers',
  enum_widened: 'receivers',
  version_removed: 'both',
  // Under `enforce` it decides, too, what is refused to publishers.
  conversion_removed: 'receivers',
  conversion_changed: 'both',
  cannot_tell: 'both',
} as const
export type BreakKind = keyof typeof BREAK_KINDS

export interface Break {
  readonly kind: BreakKind
  /**
   * Where in the schema, as a JSON Pointer in a fragment: `#/properties/total`. Of a conversion its versions:
   * `#/conversions/2026-11/2025-01`.
   */
  readonly path: string
}

/** A break, and between which versions of a type. */
export interface VersionBreak extends Break {
  /** The version that webhooks are pinned to, as it was; of a conversion the one whose data it makes. */
  readonly from: string
  /** The same, as it is to be, or a version that is new; null where it is removed. */
  readonly to: string | null
}

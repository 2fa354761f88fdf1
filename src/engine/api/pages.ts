// Pages of lists in order of ids.

export interface NewestPage {
  readonly limit: number
  /** Exclusive upper bound of the id; null from the newest. */
  readonly before: string | null
}

export interface IdPage {
  readonly limit: number
  /** Exclusive lower bound of the id; null from the start. */
  readonly after: string | null
}

export interface OrderedIdPage extends IdPage {
  /** In order of the ids unless told; `after` is exclusive in that order. */
  readonly order?: 'ascending' | 'descending' | undefined
}

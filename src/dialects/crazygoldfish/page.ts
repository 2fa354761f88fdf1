// A page of a list, numbered from 1, with the addresses of its neighbours.

import { notFound } from '../../errors.ts'
import type { PageQuery } from './schema.ts'

/** Which items stand on the page. */
export function toRange({ page, page_size }: PageQuery): { limit: number; offset: number } {
  return { limit: page_size, offset: (page - 1) * page_size }
}

/** `url` is the absolute URL of this page; `count` that of all items. Throws `not_found` past the end. */
export function toPage<T>(
  url: string,
  { page, page_size }: PageQuery,
  { count, results }: { readonly count: number; readonly results: T[] },
) {
  const last = Math.max(1, Math.ceil(count / page_size))
  if (page > last) throw notFound('page')
  return {
    count,
    next: page < last ? withPage(url, page + 1) : null,
    previous: page > 1 ? withPage(url, page - 1) : null,
    results,
  }
}

function withPage(url: string, page: number): string {
  const other = new URL(url)
  other.searchParams.set('page', String(page))
  return other.href
}

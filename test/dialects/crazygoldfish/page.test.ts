import { describe, expect, it } from 'vitest'
import { toPage, toRange } from '../../../src/dialects/crazygoldfish/page.ts'

const URL_OF_LIST = 'https://hooks.example/webhooks/v1/webhook/'

describe('a page', () => {
  it.each([
    ['the only one', '', { page: 1, page_size: 20 }, 20, null, null],
    ['the only one of nothing', '', { page: 1, page_size: 20 }, 0, null, null],
    ['the first one', '', { page: 1, page_size: 20 }, 21, '?page=2', null],
    [
      'one in the middle',
      '?page=2&page_size=1',
      { page: 2, page_size: 1 },
      3,
      '?page=3&page_size=1',
      '?page=1&page_size=1',
    ],
    [
      'the last one',
      '?page_size=2&page=2',
      { page: 2, page_size: 2 },
      4,
      null,
      '?page_size=2&page=1',
    ],
    [
      'one of a query with more in it',
      '?a=%26&page=1',
      { page: 1, page_size: 1 },
      2,
      '?a=%26&page=2',
      null,
    ],
  ])('that is %s knows its neighbours', (_, search, query, count, next, previous) => {
    expect(toPage(`${URL_OF_LIST}${search}`, query, { count, results: [] })).toEqual({
      count,
      next: next === null ? null : `${URL_OF_LIST}${next}`,
      previous: previous === null ? null : `${URL_OF_LIST}${previous}`,
      results: [],
    })
  })

  it.each([
    ['the end', { page: 3, page_size: 2 }, 4],
    ['nothing', { page: 2, page_size: 20 }, 0],
  ])('past %s is none', (_, query, count) => {
    expect(() => toPage(URL_OF_LIST, query, { count, results: [] })).toThrow(
      expect.objectContaining({ code: 'not_found', message: 'No such page.' }),
    )
  })

  it.each([
    [
      { page: 1, page_size: 20 },
      { limit: 20, offset: 0 },
    ],
    [
      { page: 3, page_size: 7 },
      { limit: 7, offset: 14 },
    ],
  ])('%j shows %j', (query, range) => {
    expect(toRange(query)).toEqual(range)
  })
})

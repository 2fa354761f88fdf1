import { describe, expect, it } from 'vitest'
import { parseRetryAfter } from '../../../src/platform/outgoing/retry-after.ts'

/** Sunday, 6 November 1994, 08:49:00 UTC. */
const NOW = 784_111_740_000

describe('Retry-After', () => {
  it.each([
    ['no header', null, null],
    ['nothing', '', null],
    ['no seconds', '0', 0],
    ['seconds', '120', 120],
    ['seconds with zeros in front', '007', 7],
    ['seconds between spaces', ' 120 ', 120],
    ['seconds below zero', '-5', 0],
    ['a day', '86400', 86_400],
    ['more than a day', '86401', 86_400],
    ['absurdly many seconds', '9'.repeat(400), 86_400],
    ['a fraction', '1.5', null],
    ['an exponent', '1e3', null],
    ['hexadecimal', '0x10', null],
    ['a unit', '120s', null],
    ['two values', '5, 10', null],
    ['Arabic-Indic digits', '١٢', null],
    ['words', 'tomorrow', null],
    ['an IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT', 37],
    ['an RFC 850 date', 'Sunday, 06-Nov-94 08:49:37 GMT', 37],
    ['an asctime date', 'Sun Nov  6 08:49:37 1994', 37],
    ['an asctime date with a two-digit day', 'Sun Nov 13 08:49:00 1994', 86_400],
    ['the date of tomorrow', 'Mon, 07 Nov 1994 08:48:59 GMT', 86_399],
    ['a date beyond a day', 'Tue, 08 Nov 1994 08:49:00 GMT', 86_400],
    ['a date in the year 9999', 'Fri, 31 Dec 9999 23:59:59 GMT', 86_400],
    ['this very moment', 'Sun, 06 Nov 1994 08:49:00 GMT', 0],
    ['a date that has passed', 'Sat, 05 Nov 1994 08:49:37 GMT', 0],
    ['the epoch', 'Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['a leap second', 'Sun, 06 Nov 1994 08:49:60 GMT', 60],
    ['a leap day', 'Tue, 29 Feb 2000 00:00:00 GMT', 86_400],
    ['an RFC 850 year 50 years ahead', 'Friday, 01-Jan-44 00:00:00 GMT', 86_400],
    ['an RFC 850 year 51 years ahead, which is past', 'Monday, 01-Jan-45 00:00:00 GMT', 0],
    ['an RFC 850 weekday of another century', 'Saturday, 01-Jan-44 00:00:00 GMT', null],
    ['the wrong day of the week', 'Mon, 06 Nov 1994 08:49:37 GMT', null],
    ['a day that does not exist', 'Wed, 30 Feb 1994 08:49:37 GMT', null],
    ['a leap day of no leap year', 'Wed, 29 Feb 1995 08:49:37 GMT', null],
    ['day zero', 'Mon, 00 Nov 1994 08:49:37 GMT', null],
    ['hour 24', 'Sun, 06 Nov 1994 24:00:00 GMT', null],
    ['minute 60', 'Sun, 06 Nov 1994 08:60:00 GMT', null],
    ['second 61', 'Sun, 06 Nov 1994 08:49:61 GMT', null],
    ['a month that does not exist', 'Sun, 06 Foo 1994 08:49:37 GMT', null],
    ['a one-digit day', 'Sun, 6 Nov 1994 08:49:37 GMT', null],
    ['lower case', 'sun, 06 nov 1994 08:49:37 gmt', null],
    ['another zone', 'Sun, 06 Nov 1994 08:49:37 UTC', null],
    ['an offset', 'Sun, 06 Nov 1994 08:49:37 +0000', null],
    ['no zone', 'Sun, 06 Nov 1994 08:49:37', null],
    ['something behind the date', 'Sun, 06 Nov 1994 08:49:37 GMT x', null],
    ['an ISO date', '1994-11-06T08:49:37Z', null],
    ['milliseconds of an era', '784111777000', 86_400],
  ])('%s', (_, value, seconds) => {
    expect(parseRetryAfter(value, NOW)).toBe(seconds)
  })

  it('rounds the part of a second up, so that it is never too early', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', NOW + 1)).toBe(37)
  })
})

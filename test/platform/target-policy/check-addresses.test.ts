import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type AddressCheckOptions,
  createAddressCheck,
} from '../../../src/platform/target-policy/check-addresses.ts'

type Fetch = NonNullable<AddressCheckOptions['fetch']>
interface Record {
  readonly type: number
  readonly data: string
}

const CNAME = 5
const A = 1
const AAAA = 28

/** A resolver that knows one name. */
function resolver(records: { readonly A?: readonly Record[]; readonly AAAA?: readonly Record[] }) {
  return vi.fn<Fetch>(async (url) => {
    const type = new URL(url).searchParams.get('type') === 'A' ? 'A' : 'AAAA'
    return Response.json({ Status: 0, TC: false, Answer: records[type] })
  })
}

const check = (fetch: Fetch, url = 'https://name.example/hook') =>
  createAddressCheck({ resolverUrl: 'https://dns.example/dns-query', fetch })(url)

const refused = (what: string) =>
  `The host name.example resolves to ${what} and cannot be a target.`

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('what a host resolves to', () => {
  it.each([
    ['a public IPv4 address', { A: [{ type: A, data: '8.8.8.8' }] }, null],
    ['a public IPv6 address', { AAAA: [{ type: AAAA, data: '2606:4700::1111' }] }, null],
    ['loopback', { A: [{ type: A, data: '127.0.0.1' }] }, refused('a loopback address')],
    ['IPv6 loopback', { AAAA: [{ type: AAAA, data: '::1' }] }, refused('a loopback address')],
    ['metadata', { A: [{ type: A, data: '169.254.169.254' }] }, refused('a link-local address')],
    ['WireServer', { A: [{ type: A, data: '168.63.129.16' }] }, refused('a metadata address')],
    [
      'an IPv4-mapped address',
      { AAAA: [{ type: AAAA, data: '::ffff:8.8.8.8' }] },
      refused('an IPv4 address embedded in IPv6'),
    ],
    [
      'a private address among public ones',
      {
        A: [
          { type: A, data: '8.8.8.8' },
          { type: A, data: '10.0.0.1' },
        ],
      },
      refused('a private address'),
    ],
    [
      'a private address in one of both questions',
      { A: [{ type: A, data: '8.8.8.8' }], AAAA: [{ type: AAAA, data: 'fd00::1' }] },
      refused('a private address'),
    ],
    [
      'a private address behind another name',
      {
        A: [
          { type: CNAME, data: 'other.example.' },
          { type: A, data: '192.168.1.1' },
        ],
      },
      refused('a private address'),
    ],
    [
      'a public address behind a name that is private itself',
      {
        A: [
          { type: CNAME, data: 'other.internal.' },
          { type: A, data: '8.8.8.8' },
        ],
      },
      null,
    ],
    [
      'what is no address',
      { A: [{ type: A, data: 'x y' }] },
      refused('something that is not an address'),
    ],
    [
      'a name in place of one',
      { A: [{ type: A, data: 'other.example' }] },
      refused('something that is not an address'),
    ],
    ['nothing', {}, 'The host name.example does not resolve to an address and cannot be a target.'],
  ] as const)('decides: %s', async (_, records, expected) => {
    expect(await check(resolver(records))).toBe(expected)
  })

  it('is asked for as A and AAAA, as JSON, without following redirects', async () => {
    const fetch = resolver({ A: [{ type: A, data: '8.8.8.8' }] })
    await check(fetch, 'https://ÜBER.example:8443/hook')
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([
      'https://dns.example/dns-query?name=xn--ber-goa.example&type=A',
      'https://dns.example/dns-query?name=xn--ber-goa.example&type=AAAA',
    ])
    expect(fetch.mock.calls[0]?.[1]).toMatchObject({
      headers: { accept: 'application/dns-json' },
      redirect: 'manual',
    })
  })

  it.each(['http://8.8.8.8/', 'https://[2606:4700::1111]/'])(
    'is not asked for where it is written: %s',
    async (url) => {
      const fetch = resolver({})
      expect(await check(fetch, url)).toBeNull()
      expect(fetch).not.toHaveBeenCalled()
    },
  )

  it('is nothing when the name does not exist', async () => {
    const fetch: Fetch = async () => Response.json({ Status: 3 })
    expect(await check(fetch)).toBe(
      'The host name.example does not resolve to an address and cannot be a target.',
    )
  })
})

describe('a resolver', () => {
  const unavailable = {
    code: 'unavailable',
    message:
      'The addresses of the host name.example cannot be looked up at the moment. Try again later.',
    retryAfterSeconds: 5,
  }
  it.each<[string, Fetch]>([
    ['cannot be reached', () => Promise.reject(new TypeError('connection failed'))],
    ['answers an error', async () => new Response('no', { status: 500 })],
    ['redirects', async () => new Response(null, { status: 302, headers: { location: '/' } })],
    ['does not answer JSON', async () => new Response('<html>')],
    ['answers something else', async () => Response.json({ Answer: [] })],
    ['could not resolve', async () => Response.json({ Status: 2 })],
    ['answers at length', async () => new Response('x'.repeat(64 * 1_024 + 1))],
  ])(
    'that %s makes the check unavailable, so that nothing is stored unchecked',
    async (_, fetch) => {
      await expect(check(fetch)).rejects.toMatchObject(unavailable)
    },
  )

  it('that hangs is given up after three seconds', async () => {
    const signals: (AbortSignal | null | undefined)[] = []
    const checking = check((_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    const outcome = expect(checking).rejects.toMatchObject(unavailable)
    await vi.advanceTimersByTimeAsync(2_999)
    expect(signals[0]?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await outcome
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true])
  })
})

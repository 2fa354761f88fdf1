import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OutgoingRequest } from '../../../src/engine/ports/index.ts'
import { createSender, type SenderOptions } from '../../../src/platform/outgoing/send.ts'

const REQUEST: OutgoingRequest = {
  url: 'https://receiver.example/hook?token=hidden',
  headers: [
    ['content-type', 'application/json'],
    ['user-agent', 'Hookline/0.1.0'],
  ],
  body: '{"text":"Grüße"}',
  timeoutMs: 15_000,
}
const NOW = Date.UTC(2026, 10, 22)

type Fetch = NonNullable<SenderOptions['fetch']>

function senderTo(fetch: Fetch, checkTarget: SenderOptions['checkTarget'] = () => null) {
  return createSender({ checkTarget, clock: Date.now, fetch })
}

/** What the sender makes of a response. */
function outcomeOf(response: Response) {
  return senderTo(async () => response)(REQUEST)
}

/** A body that sends `chunks` and then neither ends nor sends more. */
function hangingBody(...chunks: Uint8Array[]) {
  const cancel = vi.fn()
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
    },
    cancel,
  })
  return { body, cancel }
}

/** A body that sends chunks of 1,000 bytes for as long as somebody reads. */
function endlessBody() {
  const cancel = vi.fn()
  let pulled = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled += 1
      controller.enqueue(new Uint8Array(1_000).fill(0x61))
    },
    cancel,
  })
  return { body, cancel, chunks: () => pulled }
}

const utf8 = new TextEncoder()

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('the request', () => {
  it('is one POST of the body to the URL, redirects not followed', async () => {
    const fetch = vi.fn<Fetch>(async () => new Response(null, { status: 204 }))
    await senderTo(fetch)(REQUEST)
    expect(fetch).toHaveBeenCalledTimes(1)
    const [url, init] = fetch.mock.calls[0] ?? []
    expect(url).toBe('https://receiver.example/hook?token=hidden')
    expect(init?.method).toBe('POST')
    expect(init?.redirect).toBe('manual')
    expect(await new Response(init?.body).text()).toBe('{"text":"Grüße"}')
  })

  it('carries the bytes that were signed, whatever characters the text has', async () => {
    const fetch = vi.fn<Fetch>(async () => new Response(null, { status: 204 }))
    await senderTo(fetch)({ ...REQUEST, body: '\ud800x' })
    const [, init] = fetch.mock.calls[0] ?? []
    const sent = await new Response(init?.body).bytes()
    expect([...sent]).toEqual([...new TextEncoder().encode('\ud800x')])
  })

  it('carries the headers it is given, each value of its own, and no others', async () => {
    const fetch = vi.fn<Fetch>(async () => new Response(null, { status: 204 }))
    await senderTo(fetch)({
      ...REQUEST,
      headers: [
        ['x-tag', 'a'],
        ['X-Tag', 'b'],
        ['webhook-id', '1'],
      ],
    })
    const [url, init] = fetch.mock.calls[0] ?? []
    expect([...new Request(url ?? '', init).headers]).toEqual([
      ['webhook-id', '1'],
      ['x-tag', 'a, b'],
    ])
  })

  it('goes through the global fetch of the moment unless another one is given', async () => {
    const fetch = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('ok'))
    const send = createSender({ checkTarget: () => null, clock: Date.now })
    expect(await send(REQUEST)).toEqual({ kind: 'delivered', statusCode: 200, durationMs: 0 })
    fetch.mockRestore()
  })

  it('is not made to a target the policy refuses', async () => {
    const fetch = vi.fn<Fetch>()
    const send = senderTo(fetch, (url) => `Refused ${new URL(url).hostname}.`)
    expect(await send(REQUEST)).toEqual({
      kind: 'failed',
      statusCode: null,
      durationMs: 0,
      error: 'Refused receiver.example.',
      responseExcerpt: null,
      retryAfterSeconds: null,
      isUnsent: true,
    })
    expect(fetch).not.toHaveBeenCalled()
  })
})

describe('an answer', () => {
  it.each([200, 201, 202, 204, 205, 226, 299])('%d is delivered', async (status) => {
    expect(await outcomeOf(new Response(null, { status }))).toEqual({
      kind: 'delivered',
      statusCode: status,
      durationMs: 0,
    })
  })

  it.each([300, 400, 401, 404, 410, 429, 500, 503, 599])(
    '%d is a failure with its status code',
    async (status) => {
      expect(await outcomeOf(new Response('no', { status }))).toMatchObject({
        kind: 'failed',
        statusCode: status,
        responseExcerpt: 'no',
      })
    },
  )

  it('says what was answered', async () => {
    expect(await outcomeOf(new Response('', { status: 500 }))).toEqual({
      kind: 'failed',
      statusCode: 500,
      durationMs: 0,
      error: 'The receiver responded with status 500.',
      responseExcerpt: '',
      retryAfterSeconds: null,
      responseFacts: { headers: { 'content-type': 'text/plain' } },
    })
  })

  it.each([301, 302, 303, 307, 308])('%d is a failure: nobody follows it', async (status) => {
    const fetch = vi.fn<Fetch>(
      async () => new Response(null, { status, headers: { location: 'https://other.example/' } }),
    )
    expect(await senderTo(fetch)(REQUEST)).toMatchObject({
      kind: 'failed',
      statusCode: status,
      error: `The receiver responded with status ${status}. Redirects are not followed.`,
    })
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('takes as long as its headers took', async () => {
    const fetch: Fetch = async () => {
      vi.advanceTimersByTime(1_234)
      return new Response('ok')
    }
    expect(await senderTo(fetch)(REQUEST)).toEqual({
      kind: 'delivered',
      statusCode: 200,
      durationMs: 1_234,
    })
  })

  it('may have headers of any size', async () => {
    const headers = { 'x-huge': 'v'.repeat(100_000) }
    expect(await outcomeOf(new Response('', { status: 200, headers }))).toMatchObject({
      kind: 'delivered',
    })
  })

  it.each([
    ['120', 120],
    ['Sun, 22 Nov 2026 00:01:00 GMT', 60],
    ['Sat, 21 Nov 2026 00:00:00 GMT', 0],
    ['soon', null],
  ])('asks to wait with Retry-After: %s', async (value, seconds) => {
    const response = new Response('', { status: 503, headers: { 'retry-after': value } })
    expect(await outcomeOf(response)).toMatchObject({ retryAfterSeconds: seconds })
  })
})

describe('no answer', () => {
  it('within the time is a failure, and the request is aborted', async () => {
    const fetch = vi.fn<Fetch>(
      (_, init) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        }),
    )
    const sending = senderTo(fetch)(REQUEST)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await sending).toEqual({
      kind: 'failed',
      statusCode: null,
      durationMs: 15_000,
      error: 'The receiver did not respond within 15000 ms.',
      responseExcerpt: null,
      retryAfterSeconds: null,
    })
    expect(fetch.mock.calls[0]?.[1].signal?.aborted).toBe(true)
  })

  it('is a failure in time even when the request ignores that it is aborted', async () => {
    const sending = senderTo(() => new Promise(() => {}))(REQUEST)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await sending).toMatchObject({ error: 'The receiver did not respond within 15000 ms.' })
  })

  it('lets go of an answer that comes too late', async () => {
    const { body, cancel } = hangingBody()
    const late = Promise.withResolvers<Response>()
    const sending = senderTo(() => late.promise)(REQUEST)
    await vi.advanceTimersByTimeAsync(15_000)
    await sending
    late.resolve(new Response(body))
    await vi.waitFor(() => expect(cancel).toHaveBeenCalled())
  })

  const thrown: readonly (readonly [string, unknown, string])[] = [
    [
      'a lost connection',
      new Error('Network connection lost.'),
      'it was refused, reset, or closed before a response.',
    ],
    // What the runtime names, as other versions of it do, is said in its words.
    ...[
      'DNS lookup failed.',
      "TLS peer's certificate is not trusted; reason = self signed certificate",
      "TLS peer's certificate is not trusted; reason = certificate has expired",
      "TLS peer's certificate is not trusted; reason = Hostname mismatch",
    ].map((text) => [text, new Error(text), text] as const),
    [
      'a URL in the message',
      new TypeError('Fetch API cannot load: https://u:p@receiver.example/hook?token=hidden now'),
      'Fetch API cannot load: (URL) now',
    ],
    ['a message of several lines', new Error('one\r\n\u001b[31mtwo'), 'one [31mtwo'],
    ['an endless message', new Error('x'.repeat(5_000)), `${'x'.repeat(200)}…`],
    [
      "the runtime's word for DNS and TLS",
      new Error('internal error; reference = 9mu7m30jg0cpcf70q3bnvhu6'),
      'DNS, TCP or TLS (the runtime does not report which).',
    ],
    ['nothing to say', undefined, 'DNS, TCP or TLS (the runtime does not report which).'],
  ]

  it.each(thrown)('because of %s is a failure that says so', async (_, thrown, reason) => {
    const outcome = await senderTo(async () => {
      vi.advanceTimersByTime(40)
      throw thrown
    })(REQUEST)
    expect(outcome).toEqual({
      kind: 'failed',
      statusCode: null,
      durationMs: 40,
      error: `The connection failed: ${reason}`,
      responseExcerpt: null,
      retryAfterSeconds: null,
    })
  })

  it('over http is none of TLS', async () => {
    const send = senderTo(async () => {
      throw new Error('internal error; reference = 9mu7m30jg0cpcf70q3bnvhu6')
    })
    expect(await send({ ...REQUEST, url: 'http://receiver.example/' })).toMatchObject({
      error: 'The connection failed: DNS or TCP (the runtime does not report which).',
    })
  })

  it('is a failure too when fetch throws at once', async () => {
    const send = senderTo(() => {
      throw new TypeError('no')
    })
    expect(await send(REQUEST)).toMatchObject({ error: 'The connection failed: no' })
  })

  it('is a failure too when a header cannot be sent, and the value is not shown', async () => {
    // The runtime's own `fetch`, which refuses the header before it connects.
    const send = createSender({ checkTarget: () => null, clock: Date.now })
    const outcome = await send({ ...REQUEST, headers: [['x-key', 'hid\nden']] })
    expect(outcome).toMatchObject({ kind: 'failed', statusCode: null })
    expect(outcome).toMatchObject({ error: expect.stringContaining('header') })
    expect(JSON.stringify(outcome)).not.toContain('den')
  })
})

describe("an answer of Cloudflare's network in the receiver's place", () => {
  it.each([
    [520, '', 'an empty or invalid response'],
    [521, 'error code: 521', 'a refused connection'],
    [522, '', 'a connection that timed out'],
    [523, '', 'an address that cannot be reached'],
    [524, '', 'a response that timed out'],
    [525, 'error code: 525', 'a failed TLS handshake'],
    [526, '', 'an invalid TLS certificate'],
    [530, 'error code: 1016', 'a host name that does not resolve (error 1016)'],
    [
      530,
      '<title>Error 1016 | Origin DNS error</title>',
      'a host name that does not resolve (error 1016)',
    ],
    [530, 'error code: 1033', 'its error 1033'],
  ])('%i %j names what failed', async (status, body, meaning) => {
    const outcome = await outcomeOf(new Response(body, { status }))
    expect(outcome).toMatchObject({
      ...{ kind: 'failed', statusCode: status, responseExcerpt: body },
      error: `The receiver responded with status ${status}, Cloudflare's for ${meaning}.`,
    })
  })

  it.each([
    [530, 'no more room'],
    [527, ''],
    [502, 'error code: 1016'],
  ])('is not guessed from %i %j', async (status, body) => {
    const error = `The receiver responded with status ${status}.`
    expect(await outcomeOf(new Response(body, { status }))).toMatchObject({ error })
  })
})

describe('the body of an answer', () => {
  it('may never end on a 2xx: it is delivered, and the body is cancelled', async () => {
    const { body, cancel } = hangingBody(utf8.encode('ok'))
    const sending = outcomeOf(new Response(body, { status: 200 }))
    await vi.advanceTimersByTimeAsync(500)
    expect(await sending).toEqual({ kind: 'delivered', statusCode: 200, durationMs: 0 })
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  it('is cut at the deadline on a failure, with what came until then', async () => {
    const { body, cancel } = hangingBody(utf8.encode('not '), utf8.encode('today'))
    const sending = outcomeOf(new Response(body, { status: 500 }))
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await sending).toMatchObject({
      statusCode: 500,
      durationMs: 0,
      responseExcerpt: 'not today',
    })
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  it('shares the deadline with the headers', async () => {
    const { body } = hangingBody()
    const fetch: Fetch = async () => {
      vi.advanceTimersByTime(14_900)
      return new Response(body, { status: 500 })
    }
    const sending = senderTo(fetch)(REQUEST)
    await vi.advanceTimersByTimeAsync(100)
    expect(await sending).toMatchObject({ statusCode: 500, durationMs: 14_900 })
  })

  it.each([200, 500])('is read up to 16 KiB and cancelled on a %d', async (status) => {
    const { body, cancel, chunks } = endlessBody()
    await outcomeOf(new Response(body, { status }))
    expect(cancel).toHaveBeenCalledTimes(1)
    expect(chunks()).toBeLessThanOrEqual(18)
  })

  it('does not hold anybody up when its cancellation hangs or fails', async () => {
    for (const cancel of [() => new Promise<void>(() => {}), () => Promise.reject(new Error())]) {
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(20_000)),
        cancel,
      })
      expect(await outcomeOf(new Response(body, { status: 500 }))).toMatchObject({
        statusCode: 500,
      })
    }
  })

  it('is kept as far as it came when the connection breaks', async () => {
    let pulls = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulls += 1
        if (pulls === 1) controller.enqueue(utf8.encode('half'))
        else controller.error(new Error('Network connection lost.'))
      },
    })
    expect(await outcomeOf(new Response(body, { status: 502 }))).toMatchObject({
      statusCode: 502,
      responseExcerpt: 'half',
    })
  })

  it('that breaks on a 2xx does not undo the delivery', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
    expect(await outcomeOf(new Response(body))).toMatchObject({ kind: 'delivered' })
  })

  it.each([
    ['the first 1,024 bytes', 'a'.repeat(1_025), 'a'.repeat(1_024)],
    ['whole characters: two bytes', `a${'ß'.repeat(600)}`, `a${'ß'.repeat(511)}`],
    ['whole characters: four bytes', `abc${'🎉'.repeat(300)}`, `abc${'🎉'.repeat(255)}`],
    ['lines and tabs', 'a\tb\r\nc', 'a\tb\r\nc'],
    ['harmless signs for controls', 'a\0b\u001b[31mc\u007f', 'a\ufffdb\ufffd[31mc\ufffd'],
    ['a byte order mark left out', '\ufeff{}', '{}'],
  ])('is kept as %s', async (_, text, excerpt) => {
    const outcome = await outcomeOf(new Response(text, { status: 500 }))
    expect(outcome).toMatchObject({ responseExcerpt: excerpt })
  })

  it('is kept across chunks, bytes that are no UTF-8 replaced', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(Uint8Array.of(0x47, 0x72, 0xc3))
        controller.enqueue(Uint8Array.of(0xbc, 0xff, 0x21))
        controller.close()
      },
    })
    expect(await outcomeOf(new Response(body, { status: 500 }))).toMatchObject({
      responseExcerpt: 'Grü\ufffd!',
    })
  })
})

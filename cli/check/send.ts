// One request to a receiver, on a connection of its own, and what a sender sees of the answer.

import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Outgoing } from './sender.ts'

export interface Answer {
  /** Null where there was none, and `error` says why. */
  readonly status: number | null
  readonly error: string
  /** From the last byte of the request to the status. */
  readonly ms: number
  /** Whether the status came before the request was sent to its end. */
  readonly isEarly: boolean
  /** Whether the answer's body ended in time. */
  readonly isEnded: boolean
  /** Status line aside: headers and the first part of the body. */
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

/** Of an answer's body, so much is looked at: more than a page of an error has. */
const MOST_CHARACTERS = 100_000
/** What can be a header's value for every receiver. */
const DOWN = { status: null, isEarly: false, isEnded: true, text: '', headers: {} }

/** Never rejects: what goes wrong is an answer without a status. `timeoutMs` is for the answer, after the request is sent. */
export function send(
  url: URL,
  { method, headers, bytes, pause }: Outgoing,
  timeoutMs: number,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  let sentAt: number | null = null
  const started = performance.now()
  const elapsed = () => Math.round(performance.now() - (sentAt ?? started))
  const make = url.protocol === 'https:' ? requestHttps : requestHttp
  const length = method === 'GET' ? {} : { 'content-length': String(bytes.length) }
  const outgoing = make(url, { method, headers: { ...headers, ...length }, agent: false })
  const finish = (answer: Answer) => {
    clearTimeout(timer)
    resolve(answer)
    outgoing.destroy()
  }
  const timer = setTimeout(
    () => finish({ ...DOWN, error: `no answer within ${timeoutMs} ms`, ms: timeoutMs }),
    timeoutMs + (pause?.ms ?? 0),
  )
  outgoing.on('error', (error) => finish({ ...DOWN, error: error.message, ms: elapsed() }))
  outgoing.on('response', (response) => {
    const isEarly = sentAt === null
    const ms = elapsed()
    clearTimeout(timer)
    readText(response, timeoutMs).then(({ text, isEnded }) => {
      const said = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
      const { statusCode: status = null } = response
      finish({ status, error: '', ms, isEarly, isEnded, text, headers: Object.fromEntries(said) })
    })
  })
  const end = (rest: Buffer) => {
    if (outgoing.destroyed) return
    outgoing.end(rest)
    sentAt = performance.now()
  }
  if (pause === undefined) end(bytes)
  else {
    outgoing.write(bytes.subarray(0, pause.afterBytes))
    setTimeout(() => end(bytes.subarray(pause.afterBytes)), pause.ms)
  }
  return promise
}

/** The beginning of an answer's body, and whether it came to its end. */
function readText(
  response: IncomingMessage,
  timeoutMs: number,
): Promise<{ readonly text: string; readonly isEnded: boolean }> {
  const { promise, resolve } = Promise.withResolvers<{ text: string; isEnded: boolean }>()
  let text = ''
  const finish = (isEnded: boolean) => {
    clearTimeout(timer)
    resolve({ text, isEnded })
  }
  const timer = setTimeout(() => finish(false), timeoutMs)
  response.setEncoding('utf8')
  response.on('data', (part: string) => {
    text += part
    if (text.length > MOST_CHARACTERS) finish(true)
  })
  response.on('end', () => finish(true))
  response.on('error', () => finish(false))
  response.on('close', () => finish(response.complete))
  return promise
}

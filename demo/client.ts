// Hookline as its users reach it: over HTTP, with a key. The demonstration knows nothing of its insides.

export interface Answered {
  readonly status: number
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown
}

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export class Client {
  readonly url: string
  readonly token: string
  private readonly signal: AbortSignal

  constructor(url: string, token: string, signal: AbortSignal) {
    this.url = url
    this.token = token
    this.signal = signal
  }

  /** Sends a request as it is; throws for an answer that is no success. */
  async send({ method, path, headers = {}, body }: Call): Promise<Answered> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers,
      body: body ?? null,
      signal: this.signal,
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  /** A call of the native API; `T` is what its documentation says it answers. */
  async v1<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' }
    const sent = { method, path: `/v1${path}`, headers }
    const answer = await this.send(
      body === undefined
        ? sent
        : { ...sent, body: typeof body === 'string' ? body : JSON.stringify(body) },
    )
    return answer.body as T
  }
}

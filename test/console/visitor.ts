// Somebody at a browser: follows redirects, keeps cookies, and fills in the forms that pages have.

import { exports } from 'cloudflare:workers'

export interface Shown {
  readonly status: number
  readonly headers: Headers
  readonly html: string
  /** Path and query of the page, after redirects. */
  readonly at: string
}

interface Asked {
  readonly method?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly follows?: boolean
}

type Fetch = (request: Request) => Promise<Response>

const ORIGIN = 'https://hookline.test'

export class Visitor {
  readonly cookies = new Map<string, string>()
  private readonly fetch: Fetch

  /** `fetch`: of another deployment than the one of all tests. */
  constructor(fetch: Fetch = (request) => exports.default.fetch(request)) {
    this.fetch = fetch
  }

  /** The answer itself, which may be a stream. */
  async open(
    path: string,
    { method = 'GET', fields, headers = {} }: Asked = {},
  ): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await this.fetch(
      new Request(`${ORIGIN}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(cookie && { cookie }),
          ...(method !== 'GET' && { origin: ORIGIN }),
          ...(fields && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
        ...(fields && { body: new URLSearchParams(fields).toString() }),
      }),
    )
    for (const line of response.headers.getSetCookie()) this.keep(line)
    return response
  }

  async ask(path: string, asked: Asked = {}): Promise<Shown> {
    const response = await this.open(path, asked)
    const html = await response.text()
    const location = response.headers.get('location')
    if (location !== null && asked.follows !== false) return this.ask(location)
    return { status: response.status, headers: response.headers, html, at: path }
  }

  /** Signs in, and is where that leads. */
  signIn(credential: string, next = ''): Promise<Shown> {
    return this.ask('/console/sign-in', { method: 'POST', fields: { credential, next } })
  }

  /** Sends a form of a page: with the token that stands in it. */
  async send(page: Shown, action: string, fields: Readonly<Record<string, string>> = {}) {
    return this.ask(action, { method: 'POST', fields: { 'form-token': tokenIn(page), ...fields } })
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const [name = '', value = ''] = pair.split('=')
    const isOver = attributes.some((one) => /^\s*max-age=0$/i.test(one))
    if (isOver || value === '') this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

/** What every form of a page carries. */
export function tokenIn({ html }: Shown): string {
  return /name="form-token" value="([0-9a-f]+)"/.exec(html)?.[1] ?? ''
}

// The files that pages link to, by names that change with what is in them, so that browsers may keep them for good.

import type { Handler } from 'hono'
import { hash32 } from '../../primitives/hash.ts'
import type { ConsoleEnv } from '../context.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path d="M13 3v8.5a4.5 4.5 0 1 1-9 0V10" fill="none" stroke="#2448c9" stroke-width="2.25" stroke-linecap="round"/><circle cx="13" cy="3.4" r="2.4" fill="#2448c9"/></svg>`

const FILES = {
  style: { ending: 'css', type: 'text/css; charset=utf-8', text: STYLE },
  script: { ending: 'js', type: 'text/javascript; charset=utf-8', text: SCRIPT },
  icon: { ending: 'svg', type: 'image/svg+xml', text: ICON },
} as const

const byName = new Map(
  Object.entries(FILES).map(([name, file]) => [
    `${name}-${hash32(file.text).toString(16)}.${file.ending}`,
    file,
  ]),
)

function addressOf(file: (typeof FILES)[keyof typeof FILES]): string {
  const [name] = [...byName].find(([, one]) => one === file) ?? []
  return `/console/assets/${name}`
}

/** Where each is. */
export const ASSETS = {
  style: addressOf(FILES.style),
  script: addressOf(FILES.script),
  icon: addressOf(FILES.icon),
} as const

const YEAR_SECONDS = 365 * 24 * 60 * 60

export const serveAsset: Handler<ConsoleEnv, '/assets/:name'> = (c) => {
  const file = byName.get(c.req.param('name'))
  if (file === undefined) return c.notFound()
  return c.body(file.text, 200, {
    'content-type': file.type,
    'cache-control': `public, max-age=${YEAR_SECONDS}, immutable`,
  })
}

// The files that pages link to, by names that change with what is in them, so that browsers may keep them for good.

import type { Handler } from 'hono'
import { hash32 } from '../../primitives/hash.ts'
import { brandIcon, brandStyle } from '../brand.ts'
import type { ConsoleContext, ConsoleEnv } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path d="M13 3v8.5a4.5 4.5 0 1 1-9 0V10" fill="none" stroke="#2448c9" stroke-width="2.25" stroke-linecap="round"/><circle cx="13" cy="3.4" r="2.4" fill="#2448c9"/></svg>`

const TYPES = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const

interface Asset {
  readonly name: string
  readonly type: (typeof TYPES)[keyof typeof TYPES]
  readonly text: string
}

function assetOf(stem: string, ending: keyof typeof TYPES, text: string): Asset {
  return { name: `${stem}-${hash32(text).toString(16)}.${ending}`, type: TYPES[ending], text }
}

const style = assetOf('style', 'css', STYLE)
const script = assetOf('script', 'js', SCRIPT)
const ownIcon = assetOf('icon', 'svg', ICON)

/** Those of the pages that a request is for; `brand` is null where they have no colour of their own. */
function filesOf(c: ConsoleContext) {
  if (presentationOf(c).base === '/console') return { style, script, icon: ownIcon, brand: null }
  const { color } = c.env.portal
  return {
    ...{ style, script, icon: assetOf('mark', 'svg', brandIcon(color)) },
    brand: color === null ? null : assetOf('brand', 'css', brandStyle(color)),
  }
}

/** Where each is. */
export function assetsOf(c: ConsoleContext) {
  const { style, script, icon, brand } = filesOf(c)
  const addressOf = ({ name }: Asset) => `${presentationOf(c).base}/assets/${name}`
  return {
    ...{ style: addressOf(style), script: addressOf(script), icon: addressOf(icon) },
    brand: brand && addressOf(brand),
  }
}

const YEAR_SECONDS = 365 * 24 * 60 * 60

export const serveAsset: Handler<ConsoleEnv, '/assets/:name'> = (c) => {
  const files = Object.values(filesOf(c))
  const file = files.find((one) => one?.name === c.req.param('name'))
  if (!file) return c.notFound()
  return c.body(file.text, 200, {
    'content-type': file.type,
    'cache-control': `public, max-age=${YEAR_SECONDS}, immutable`,
  })
}

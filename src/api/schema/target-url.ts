// A target URL in the description: a URI with a pattern, so that whoever makes one by the description is not refused. The
// platform's check of targets is what decides, and takes more: addresses, names in other alphabets, more labels.

import { z } from 'zod'
import { TARGET, WEBHOOK } from '../../limits.ts'

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'

/** Last labels of names that are not public and consist of letters; the check of targets has their sources. */
const PRIVATE_ENDS = [
  ...[
    'localhost',
    'localdomain',
    'local',
    'internal',
    'intranet',
    'private',
    'corp',
    'home',
    'lan',
  ],
  ...['svc', 'consul', 'arpa', 'invalid', 'onion', 'alt'],
]

const PUBLIC_NAME = `(?:${LABEL}\\.){1,8}(?!(?:${PRIVATE_ENDS.map(inAnyCase).join('|')})(?:[:/?#]|$))[A-Za-z]{2,63}`
/** The last label of a name begins with a letter: with a digit it may be taken for an address. */
const ANY_NAME = `(?:${LABEL}\\.){0,8}[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
const ADDRESS = `${OCTET}(?:\\.${OCTET}){3}`

/** Ports up to 9999 that are no other protocol's; more are taken. */
const PORT = `(?::(?!(?:${TARGET.badPorts.join('|')})(?:[/?#]|$))[1-9][0-9]{0,3})?`
/** Characters of a path, a query and a fragment (RFC 3986, appendix A). */
const CHARS = "(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
const REST = `(?:[/?]${CHARS})?(?:#${CHARS})?`

const patternOf = (host: string) =>
  `^https?://(?=[^:/?#]{1,253}(?:[:/?#]|$))(?:${host})${PORT}${REST}$`

export const PUBLIC_TARGET = patternOf(PUBLIC_NAME)
/** Where private hosts are targets too. */
export const LOCAL_TARGET = patternOf(`${ANY_NAME}|${ADDRESS}`)

export const TargetUrl = z
  .string()
  .min(1)
  .max(WEBHOOK.urlChars)
  .meta({
    format: 'uri',
    pattern: PUBLIC_TARGET,
    description:
      'An http or https URL without a user name or password. Hosts on private networks are refused unless the ' +
      'deployment allows them.',
  })

function inAnyCase(word: string): string {
  return word.replaceAll(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`)
}

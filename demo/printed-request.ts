// A request as a vendor's page prints it: a curl command. Whoever follows the page replaces the placeholders and nothing
// else, and so does this.

import type { Call } from './client.ts'

/** Replaces what the page leaves open, then reads method, address, headers and body out of the command. */
export function readPrintedRequest(
  printed: string,
  replacements: Readonly<Record<string, string>>,
): Call {
  const command = Object.entries(replacements).reduce(
    (text, [placeholder, value]) => text.replaceAll(placeholder, value),
    printed,
  )
  const [, method, address] = /--request (\w+) '([^']+)'/.exec(command) ?? []
  if (method === undefined || address === undefined) throw new Error(`No request in: ${printed}`)
  const headers = [...command.matchAll(/--header '([^:]+): ([^']+)'/g)].map(
    ([, name = '', value = '']) => [name, value],
  )
  const [, body] = /--data-raw '([^']+)'/.exec(command) ?? []
  const call = { method, path: new URL(address).pathname, headers: Object.fromEntries(headers) }
  return body === undefined ? call : { ...call, body }
}

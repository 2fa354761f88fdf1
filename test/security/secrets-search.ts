// Finds secrets in text, however they are written: as they are, in JSON, in a URL, in hex, in base64 at any offset.

export interface Secret {
  readonly name: string
  readonly text: string
}

/** Text that should have no secret in it, and where it comes from. */
export interface Place {
  readonly name: string
  readonly text: string
}

/** `<secret> in <place>` for every secret that is in a place. */
export function findSecrets(secrets: readonly Secret[], places: readonly Place[]): string[] {
  const forms = secrets.map(({ name, text }) => ({ name, forms: formsOf(text) }))
  return places.flatMap((place) => {
    // Letters of either case are one digit in hex and in an escape of a URL.
    const lower = place.text.toLowerCase()
    return forms
      .filter(({ forms: { exact, anyCase } }) =>
        [
          exact.some((form) => place.text.includes(form)),
          anyCase.some((form) => lower.includes(form)),
        ].includes(true),
      )
      .map(({ name }) => `${name} in ${place.name}`)
  })
}

function formsOf(text: string) {
  const bytes = new TextEncoder().encode(text)
  // The key within a signing secret is bytes, of which the secret is the base64.
  const key = /^whs(?:ec|k)_(?<base64>[A-Za-z0-9+/]+=*)$/.exec(text)?.groups?.base64
  const keyBytes = key === undefined ? null : Uint8Array.fromBase64(key)
  return {
    exact: [
      text,
      JSON.stringify(text).slice(1, -1),
      latin1(bytes),
      ...base64Forms(bytes),
      ...(key === undefined || keyBytes === null ? [] : [key, latin1(keyBytes)]),
      ...(keyBytes === null ? [] : base64Forms(keyBytes)),
    ],
    anyCase: [
      bytes.toHex(),
      encodeURIComponent(text).toLowerCase(),
      ...(keyBytes === null ? [] : [keyBytes.toHex()]),
    ],
  }
}

/** What base64 of any text around the bytes has in it: they begin at one of three offsets. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = new Uint8Array(offset + bytes.length)
    shifted.set(bytes, offset)
    // Characters that hold bits of what comes before or after are left out.
    const start = Math.ceil((offset * 8) / 6)
    const end = Math.floor((shifted.length * 8) / 6)
    const standard = shifted.toBase64().slice(start, end)
    return [standard, standard.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Bytes as a text of as many characters: what a dump makes of a blob. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

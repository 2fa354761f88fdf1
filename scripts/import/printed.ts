// What others wrote, as it may come to a terminal or into a log.

/**
 * What a terminal would obey instead of showing it: C0 and C1 controls, line and paragraph separators, and what changes the direction of
 * text (Unicode 17.0, UAX #9, section 2, "Directional Formatting Characters").
 */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** A text as one line that moves nothing and hides nothing: each control character as `\u` and four digits. */
export function asOneLine(text: string): string {
  return text.replace(
    CONTROLS,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A text without these tokens, which a server may repeat in what it answers, also where it encodes them for a URL. */
export function withoutTokens(text: string, tokens: readonly string[]): string {
  return tokens
    .flatMap((token) => [token, encodeURIComponent(token)])
    .reduce((left, token) => left.replaceAll(token, '[token]'), text)
}

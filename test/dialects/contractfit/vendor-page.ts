// Every request on the vendor's page (docs/contracts/contractfit.md, "Source"), in the order of the page, as it prints
// them. The page prints neither an address, nor a credential, nor an answer; notifications are printed on other pages of
// the vendor's only.

export interface Printed {
  readonly says: string
  readonly body: string
  /** Headers that the integration's notifications carry. */
  readonly headers: Readonly<Record<string, string>>
}

export const PRINTED_TARGET = 'http://localhost:3000/alfred/document_predict'

export const vendorPage: readonly Printed[] = [
  {
    says: 'At minimum, a target url or ip address and an event for which to trigger a webhook need to be configured',
    body: `{
"type": "webhook",
"events": ["document_predict"],
"target": "http://localhost:3000/alfred/document_predict"
}`,
    headers: {},
  },
  {
    says: 'A custom (static) authorization (f.e. Bearer token) can be configured in the webhook',
    body: `{
"type": "webhook",
"events": ["document_predict"],
"target": "http://localhost:3000/alfred/document_predict",
"headers": {"Authorization": "Bearer abcdefg1234567989"}
}`,
    headers: { authorization: 'Bearer abcdefg1234567989' },
  },
]

/** "2^n seconds", "a maximum of 10 attempts": seconds between one attempt and the next. */
export const printedDelays = [2, 4, 8, 16, 32, 64, 128, 256, 512]

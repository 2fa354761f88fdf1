// Server-Sent Events as they are read (https://html.spec.whatwg.org/multipage/server-sent-events.html).

export interface StreamedEvent {
  /** `message` unless it says otherwise. */
  readonly event: string
  readonly data: string
  /** The last id so far: where to go on; null before the first. */
  readonly id: string | null
}

export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let id: string | null = null
  let [event, data]: [string, string[]] = ['message', []]
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        // An id alone has no event, and yet moves on.
        if (data.length > 0 || id !== null) yield { event, data: data.join('\n'), id }
        ;[event, data] = ['message', []]
        continue
      }
      const [, field, value = ''] = /^(\w*):? ?(.*)$/.exec(line) ?? []
      if (field === 'event') event = value
      if (field === 'data') data.push(value)
      if (field === 'id') id = value
    }
  }
}

// What the demonstration publishes. The numbers and the key order are such that a JSON parser on the way would change them.

import type { DemoEvent } from './surfaces/surface.ts'

export function invoices(from: number, count: number): readonly DemoEvent[] {
  return numbers(from, count).map((number) => ({
    type: number % 2 === 0 ? 'invoice.paid' : 'invoice.sent',
    data: `{"number":${number},"total":1${number}.10,"account":12345678901234567890,"2":"b","1":"a"}`,
  }))
}

/** Every other one in the clinic in the north. */
export function surveys(from: number, count: number): readonly DemoEvent[] {
  return numbers(from, count).map((number) => ({
    type: 'survey_created',
    data: `{"survey_id":"12345678-1234-5678-1234-${String(number).padStart(12, '0')}"}`,
    scope: { clinic: number % 2 === 0 ? 'north' : 'south' },
  }))
}

function numbers(from: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

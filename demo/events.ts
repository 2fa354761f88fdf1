// What the demonstration publishes. The numbers and the key order are such that a JSON parser on the way would change them.

import type { DemoEvent } from './surfaces/surface.ts'

/** The user that the demonstration's key acts for, where a vendor has users. */
export const USER = 'teacher-7'

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

/** EveryPoint: of five, the third one is in another instance, and the fourth one is an annotation that no trigger created. */
export function captures(from: number, count: number): readonly DemoEvent[] {
  return numbers(from, count).map((number) => {
    const instance = number % 5 === 3 ? 'quarry' : 'default'
    return { ...capture(number), scope: { instance } }
  })
}

function capture(number: number): DemoEvent {
  switch (number % 5) {
    case 0:
      return {
        type: 'message',
        data: `{"folder":"/folders/shared-data","body":"This is message ${number}."}`,
      }
    case 2:
      return {
        type: 'annotation',
        data: `{"uri":"/annotations/${number}","trigger":"/triggers/3"}`,
      }
    case 4:
      return { type: 'annotation', data: `{"uri":"/annotations/${number}"}` }
    default:
      return { type: 'job', data: `{"uri":"/jobs/1234-${number}","status":"complete"}` }
  }
}

/** CrazyGoldFish: of three, one is another user's, and one of another template. */
export function answerSheets(from: number, count: number): readonly DemoEvent[] {
  return numbers(from, count).map((number) => ({
    type: 'document.processed',
    data: `{"sheet":${number},"marks":1${number}.50,"student":12345678901234567890}`,
    scope: {
      user: number % 3 === 1 ? 'teacher-8' : USER,
      template:
        number % 3 === 2
          ? 'assignment_model_answer_sheet_extraction'
          : 'assignment_answer_sheet_extraction',
    },
  }))
}

/** Contract.fit: every other one is an evaluation. */
export function documents(from: number, count: number): readonly DemoEvent[] {
  return numbers(from, count).map((number) => ({
    type: number % 2 === 0 ? 'document_predict' : 'document_evaluate',
    data: `{"document":${number},"total":1${number}.10,"confidence":0.990}`,
    scope: { inbox: '5e7a0df1800de5422a6f7776' },
  }))
}

/** Socotra: custom types. */
export function claims(from: number, count: number): readonly DemoEvent[] {
  return numbers(from, count).map((number) => ({
    type: number % 2 === 0 ? 'claim.flagged' : 'claim.closed',
    data: `{"claim":${number},"amount":1${number}.00,"policy":12345678901234567890}`,
  }))
}

function numbers(from: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

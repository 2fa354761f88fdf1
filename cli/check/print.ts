// The report of a check for people, and as JSON lines.

import type { Report } from './run.ts'

const MARKS = { passed: '✓', finding: '✗', 'not judged': '–' } as const

const GRADES = {
  A: 'nothing found',
  B: 'minor findings',
  C: 'events are lost or come late',
  D: 'events are lost or come late, for several reasons',
  F: 'others can make it take what they like, or nothing arrives',
} as const

/** What no request shows, so that nobody takes an A for more than it is. */
const UNSEEN =
  'Not seen from outside: whether signatures are compared in constant time, and whether an event is stored before the answer.'
const UNOBSERVED =
  'Not seen without --observe: whether an event that comes twice, or is refused, is handled nevertheless.'

/** A line for each check, then what was found. */
export function toTable(report: Report, isObserved: boolean): string {
  const { url, grade, requests, results, findings } = report
  const width = Math.max(...results.map(({ name }) => name.length))
  const seenWidth = Math.max(
    ...results.map(({ seen, verdict }) => (verdict === 'not judged' ? 0 : seen.length)),
  )
  const lines = results.map(({ name, sends, verdict, seen }) =>
    verdict === 'not judged'
      ? `${MARKS[verdict]} ${name.padEnd(width)}  not judged: ${seen}`
      : `${MARKS[verdict]} ${name.padEnd(width)}  ${seen.padEnd(seenWidth)}  ${sends}`,
  )
  const found = findings.map(
    ({ name, severity, finding, seen }) => `${severity.padEnd(5)}  ${name}: ${finding} (${seen})`,
  )
  const judged = results.filter(({ verdict }) => verdict !== 'not judged').length
  return [
    ...lines,
    '',
    ...(found.length > 0 ? [...found, ''] : []),
    isObserved ? UNSEEN : `${UNSEEN}\n${UNOBSERVED}`,
    `${url}: ${grade} (${GRADES[grade]}), ${findings.length} findings in ${judged} checks of ${results.length}, ${requests} requests`,
  ].join('\n')
}

/** A line for each check, each finding, and the grade. */
export function toJsonLines({ results, findings, ...rest }: Report): string {
  return [
    ...results.map((result) => ({ kind: 'check', ...result })),
    ...findings.map((finding) => ({ kind: 'finding', ...finding })),
    { kind: 'grade', ...rest, findings: findings.length },
  ]
    .map((line) => JSON.stringify(line))
    .join('\n')
}

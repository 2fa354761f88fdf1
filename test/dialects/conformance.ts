// The suite that every surface runs: what all of them promise (docs/contracts/README.md), stated once. Where a vendor's
// page says otherwise, the surface names the behaviour with the reason, and tests its own behaviour itself.

import { describe, it } from 'vitest'
import { configuration } from './behaviours/configuration.ts'
import { credentials } from './behaviours/credentials.ts'
import { isolation } from './behaviours/isolation.ts'
import { notification } from './behaviours/notification.ts'
import { requests } from './behaviours/requests.ts'
import type { Subject } from './subject.ts'

const chapters = { configuration, isolation, credentials, requests, notification }

type BehaviourName = {
  [Chapter in keyof typeof chapters]: keyof (typeof chapters)[Chapter]
}[keyof typeof chapters]

/** Behaviours that do not hold here, with the reason. */
export type Deviations = Partial<Record<BehaviourName, string>>

export function conformance(subject: Subject, deviations: Deviations = {}): void {
  const reasons = new Map(Object.entries(deviations))
  describe(`${subject.title} conforms`, () => {
    for (const [chapter, behaviours] of Object.entries(chapters)) {
      describe(chapter, () => {
        for (const [name, behaves] of Object.entries(behaviours)) {
          const reason = reasons.get(name)
          if (reason === undefined) it(name, () => behaves(subject))
          else it.skip(`${name} (deviates: ${reason})`)
        }
      })
    }
  })
}

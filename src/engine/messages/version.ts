// The version of Hookline's own queue messages, and which of them are newer than this code.

import { FRAME_VERSION } from '../../primitives/framed-json.ts'
import { type Event, JOINT_RUN, type Run } from '../model/index.ts'

/**
 * Of what Hookline writes into its queues, beside its frame: the newest. It grows when a former reader would misunderstand a
 * message; a message that none would is written under the version before.
 */
const MESSAGE_VERSION = 4

/**
 * The version to write a message under that brings these events: a reader of version 1 would see neither data by version, channels nor
 * raw texts, one of version 2 would not wait for the time of a scheduled one, where it `mayWait`. One of version 3 would send the event
 * that stands for a joint delivery in place of its events, and take them for delivered (`run`).
 */
export function messageVersion(
  events: readonly Pick<Event, 'versions' | 'channels' | 'raw' | 'publishedAt'>[],
  { mayWait = false, run }: { readonly mayWait?: boolean; readonly run?: Run } = {},
): number {
  if (run === JOINT_RUN) return MESSAGE_VERSION
  if (mayWait && events.some(({ publishedAt }) => publishedAt !== undefined)) return 3
  const isNew = events.some(
    ({ versions, channels, raw }) =>
      versions !== undefined || channels !== undefined || raw !== undefined,
  )
  return isNew ? 2 : 1
}

/** How each message of Hookline begins, whatever its version: messages of 0.1.0 have no `v`. */
const HEAD = /^frame\/(\d{1,9}) (?:\{"v":(\d{1,9}),)?/

/** Whether a message is Hookline's own, in a version that this one does not know. */
export function isNewer(body: unknown): boolean {
  if (typeof body !== 'string') return false
  const [, frame, version = 1] = HEAD.exec(body.slice(0, 40)) ?? []
  return frame !== undefined && (Number(frame) > FRAME_VERSION || Number(version) > MESSAGE_VERSION)
}

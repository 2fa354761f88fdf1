// The version of Hookline's own queue messages, and which of them are newer than this code.

import { FRAME_VERSION } from '../../primitives/framed-json.ts'

/** Of what Hookline writes into its queues, beside its frame. It grows when a former reader would misunderstand a message. */
export const MESSAGE_VERSION = 1

/** How each message of Hookline begins, whatever its version: messages of 0.1.0 have no `v`. */
const HEAD = /^frame\/(\d{1,9}) (?:\{"v":(\d{1,9}),)?/

/** Whether a message is Hookline's own, in a version that this one does not know. */
export function isNewer(body: unknown): boolean {
  if (typeof body !== 'string') return false
  const [, frame, version = 1] = HEAD.exec(body.slice(0, 40)) ?? []
  return frame !== undefined && (Number(frame) > FRAME_VERSION || Number(version) > MESSAGE_VERSION)
}

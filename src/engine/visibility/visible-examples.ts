// Tests and examples as who has only some feature flags gets them: a type that is not shown is one of which nothing is known.

import type { Webhooks } from '../api.ts'
import { TEST_EVENT } from '../configuration/send-test.ts'
import { type EventTypes, isShownUnder } from '../model/index.ts'

/** `webhooks`, with examples of those types only that have no flag, or one of `flags`. */
export function examplesSeen(
  webhooks: Webhooks,
  flags: readonly string[],
  { catalogue }: Pick<EventTypes, 'catalogue'>,
): Webhooks {
  const isHidden = async (name: string): Promise<boolean> => {
    const type = (await catalogue()).types.get(name)
    return type !== undefined && !isShownUnder(flags, type)
  }
  return {
    ...webhooks,
    async test(ref, { type, data }) {
      const isUnknown = data === null && type !== null && (await isHidden(type))
      return webhooks.test(ref, { type, data: isUnknown ? TEST_EVENT.data : data })
    },
    async example(ref, asked) {
      if (!(await isHidden(asked.type))) return webhooks.example(ref, asked)
      await webhooks.get(ref)
      return null
    },
  }
}

// What was received: a file for each event, `<webhook-id>.json`, and `<webhook-id>.done` once the work about it is done. A
// table with a unique column does as well. Files older than 30 days can go: Hookline does not send them again.

import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** @typedef {ReturnType<typeof createInbox>} Inbox */

/**
 * `handle` does the work about one event, after the sender had its answer. When it rejects, the event is handled again with
 * the next one, or at the next start; so it may happen twice that it was half done.
 *
 * @param {string} folder
 * @param {(event: { type: string, timestamp: string, data: unknown }, id: string) => Promise<void>} handle
 */
export function createInbox(folder, handle) {
  let working = Promise.resolve()

  /**
   * Stores an event on disk. False when it is there already.
   *
   * @param {string} id
   * @param {Buffer} body
   */
  async function store(id, body) {
    if (!/^[\w-]+$/.test(id)) throw new Error('An id that is no name of a file.')
    await mkdir(folder, { recursive: true })
    // First whole under another name: a file that was half written when the power failed would pass for the event.
    const part = join(folder, `${randomUUID()}.part`)
    await writeFile(part, body, { flush: true })
    try {
      await link(part, join(folder, `${id}.json`))
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
      throw error
    } finally {
      await rm(part)
    }
  }

  /** Handles what is stored and not done, one event after the other. Resolves when all were tried. */
  function work() {
    working = working.then(workOnce).catch(console.error)
    return working
  }

  async function workOnce() {
    const names = new Set(await readdir(folder))
    for (const name of [...names].toSorted()) {
      const id = name.slice(0, -'.json'.length)
      if (!name.endsWith('.json') || names.has(`${id}.done`)) continue
      try {
        await handle(JSON.parse(await readFile(join(folder, name), 'utf8')), id)
        await writeFile(join(folder, `${id}.done`), '')
      } catch (error) {
        console.error(id, error)
      }
    }
  }

  return { store, work }
}

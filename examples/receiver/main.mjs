// Starts the receiver: SECRET=whsec_… node main.mjs

import { existsSync, mkdirSync } from 'node:fs'
import { createInbox } from './inbox.mjs'
import { createReceiver } from './receiver.mjs'

const { SECRET, PORT = '4000', FOLDER = 'events' } = process.env
if (!SECRET) throw new Error('SECRET is missing: the secret that creating the webhook answered.')

mkdirSync(FOLDER, { recursive: true })
const inbox = createInbox(FOLDER, async ({ type, data }, id) => {
  // Your work.
  console.log(id, type, JSON.stringify(data))
})
const isGone = () => existsSync(`${FOLDER}/stop`)

createReceiver({ secret: SECRET, inbox, isGone }).listen(Number(PORT), () => {
  console.log(`Listening on port ${PORT}.`)
})
// What an earlier process received and did not get to.
inbox.work()

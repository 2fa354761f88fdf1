// `npm run check-receiver -- URL`.

import { checkReceiver } from './command.ts'

process.exitCode = await checkReceiver(process.argv.slice(2), process.env.HOOKLINE_CHECK_SECRET)

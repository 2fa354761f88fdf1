// `node demo/svix-server.ts http://localhost:8071` serves a recorded Svix server, to try `npm run import` with.

import { createServer } from 'node:http'
import { openRecordedSvix } from './recorded-svix.ts'

const { port, href } = new URL(process.argv[2] ?? 'http://localhost:8071')
const { answer } = openRecordedSvix()

createServer(async ({ method = 'GET', url = '/', headers }, response) => {
  const { authorization = '' } = headers
  const answered = answer(new Request(new URL(url, href), { method, headers: { authorization } }))
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  response.end(await answered.text())
}).listen(Number(port), () => console.log(`A recorded Svix server is at ${href}`))

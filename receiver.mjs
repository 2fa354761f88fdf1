import { createServer } from 'node:http'
let isFirst = true
createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  const { events } = JSON.parse(text)
  console.log('receiver got', events.map(({ data }) => data.number).join(' '))
  const answer = events.map(({ id, data }) => ({ id, status: isFirst && data.number === 2 ? 503 : 200 }))
  isFirst = false
  response.writeHead(207, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
}).listen(37173)

// What the pages do better with JavaScript; they do everything without it. Runs in the browser, as a file of our own.

export const SCRIPT = `
'use strict'
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const near = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
for (const time of document.querySelectorAll('time[datetime]')) {
  const at = new Date(time.dateTime)
  if (Number.isNaN(at.getTime())) continue
  time.title = exact.format(at) + ' (' + time.dateTime + ')'
  time.textContent = near.format(at)
}
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.dataset.copy)?.textContent ?? ''
    await navigator.clipboard.writeText(text)
    const before = button.textContent
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = before }, 1500)
  })
}
const live = document.querySelector('[data-live]')
if (live) {
  const state = document.getElementById('live-state')
  const rows = document.getElementById('live-rows')
  const tell = (tone, text) => {
    state.className = 'note ' + tone
    state.textContent = text
  }
  const cell = (row, name, ...parts) => {
    const made = row.insertCell()
    if (name) made.dataset.name = name
    made.append(...parts)
    return made
  }
  const linkTo = (path, text) => {
    const link = document.createElement('a')
    link.href = live.dataset.base + path
    link.textContent = text
    return link
  }
  const isShown = new Set()
  const show = (one) => {
    if (isShown.has(one.id)) return
    isShown.add(one.id)
    document.getElementById('live-first')?.remove()
    const row = rows.insertRow(0)
    cell(row, '', linkTo('/events/' + one.eventId, one.eventType)).className = 'long'
    cell(row, 'Webhook', linkTo('/webhooks/' + one.webhookId, one.webhookId)).className = 'id'
    const badge = document.createElement('span')
    badge.className = 'badge ' + (one.outcome === 'delivered' ? 'good' : 'bad')
    badge.textContent = one.outcome
    cell(row, '', badge, ' ', one.error ?? '')
    cell(row, 'Status', one.statusCode ?? '–')
    cell(row, 'Took', Math.round(one.durationMs) + ' ms').className = 'nowrap'
    const at = document.createElement('time')
    at.dateTime = one.at
    at.title = one.at
    at.textContent = near.format(new Date(one.at))
    cell(row, 'At', at)
    while (rows.rows.length > 200) rows.deleteRow(-1)
  }
  const CONNECTED = 'Connected. Attempts appear here some seconds after they end.'
  let ended = false
  tell('', 'Connecting…')
  const source = new EventSource(live.dataset.live)
  source.addEventListener('open', () => {
    ended = false
    tell('good', CONNECTED)
  })
  source.addEventListener('attempt', (event) => {
    show(JSON.parse(event.data))
    if (!state.textContent.startsWith('Behind')) tell('good', CONNECTED)
  })
  source.addEventListener('behind', () => {
    tell('warn', 'Behind: too much happens to show all of it, and some attempts are left out here. The page of a webhook has them.')
  })
  source.addEventListener('end', (event) => {
    const { reason } = JSON.parse(event.data)
    ended = reason === 'time_over'
    if (reason !== 'credential_ended') return
    source.close()
    tell('bad', 'Your access has ended: nothing more is shown.')
  })
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) tell('bad', 'The connection was refused. Reload the page; your session may have ended.')
    else if (!ended) tell('bad', 'Connection lost. Nothing is shown until it is there again; trying again…')
  })
}
`

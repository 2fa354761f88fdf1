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
`

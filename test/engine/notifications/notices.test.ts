import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { toNoticeMail } from '../../../src/engine/notifications/notice-mail.ts'
import type { OperationalEvent, WaitingNotice } from '../../../src/engine/ports/index.ts'
import { CONFIRMATION_MAILS } from '../../../src/limits.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { createMemoryMail } from '../../fakes/mail.ts'
import { Bench } from '../../fixtures/bench.ts'

const T = Date.parse('2026-11-22T10:00:00.000Z')
const HOUR = 3_600_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: T })
})
afterEach(() => {
  vi.useRealTimers()
})

const STATE = {
  version: 1,
  suspendedAt: null,
  lane: 'fast',
  isTroubled: true,
  isHeld: false,
} as const

async function open() {
  const mailbox = createMemoryMail()
  const bench = await Bench.open({ mail: mailbox.mail })
  const webhook = await bench.webhook({ url: 'https://shop.example/hooks?token=secret' })
  const { notices } = bench.engine
  const codeOf = (index: number) => mailbox.sent[index]?.text.match(/notices\/(\S+)/)?.[1] ?? ''
  const tell = async (type: OperationalEvent['type'], fields: Partial<OperationalEvent> = {}) => {
    const now = Date.now()
    const notice: OperationalEvent = {
      ...{ id: newId(now), type, tenantId: bench.tenantId, webhookId: webhook.id, at: now },
      ...{ reason: 'x', cause: 'gateway', state: STATE, exhausted: null },
      counts: { consecutiveFailures: 1, failedEvents: 1, exhaustedEvents: 0 },
      ...fields,
    }
    await bench.consumeDelivery({ kind: 'notice', notice })
  }
  const confirm = async () => {
    await notices.setAddress(bench.tenantId, 'ops@acme.example')
    expect(await notices.confirm(codeOf(0))).toBe(true)
    mailbox.clear()
  }
  const sent = mailbox.sent
  return { bench, webhook, mailbox, sent, notices, codeOf, tell, confirm }
}

describe('an address for notices', () => {
  it('is asked to be confirmed so many times an hour by one deployment', async () => {
    const { notices } = await open()
    const limit = CONFIRMATION_MAILS.find((one) => one.of === 'deployment')
    for (let n = 0; n < (limit?.most ?? 0); n += 1) await notices.admit(null, `${n}@acme.example`)
    const refused = { code: 'rate_limited', retryAfterSeconds: limit?.seconds }
    await expect(notices.admit(null, 'one.more@acme.example')).rejects.toMatchObject(refused)
    vi.setSystemTime(T + HOUR)
    await notices.admit(null, 'one.more@acme.example')
  })

  it('is confirmed by the link that is mailed to it', async () => {
    const { bench, sent, notices, codeOf } = await open()
    await notices.setAddress(bench.tenantId, 'ops@acme.example')
    expect(sent).toMatchObject([{ to: 'ops@acme.example' }])
    expect(sent[0]?.text).toContain('https://hooks.example/portal/notices/')
    expect(await notices.look(codeOf(0))).toBe('ops@acme.example')
    for (const wrong of ['', 'x', 'x.y', `${bench.tenantId}.x`]) {
      expect(await notices.look(wrong)).toBeNull()
      expect(await notices.confirm(wrong)).toBe(false)
    }
    expect(await notices.confirm(codeOf(0))).toBe(true)
    const addresses = await notices.addressesOf([bench.tenantId])
    expect(addresses.get(bench.tenantId)).toEqual({
      address: 'ops@acme.example',
      isConfirmed: true,
    })
  })

  it('gets another link each time it is asked for, until it is confirmed', async () => {
    const { bench, sent, notices, codeOf } = await open()
    for (const _ of [1, 2]) await notices.setAddress(bench.tenantId, 'ops@acme.example')
    expect(await notices.confirm(codeOf(0))).toBe(false)
    expect(await notices.confirm(codeOf(1))).toBe(true)
    await notices.setAddress(bench.tenantId, 'ops@acme.example')
    expect(sent).toHaveLength(2)
  })

  it('is confirmed within a week', async () => {
    const { bench, notices, codeOf } = await open()
    await notices.setAddress(bench.tenantId, 'ops@acme.example')
    vi.setSystemTime(T + 7 * 24 * HOUR)
    expect(await notices.confirm(codeOf(0))).toBe(false)
  })

  it('is refused where nothing sends mail, with what that takes', async () => {
    const bench = await Bench.open()
    const asked = bench.engine.notices.setAddress(bench.tenantId, 'ops@acme.example')
    await expect(asked).rejects.toMatchObject({ code: 'conflict' })
    await expect(asked).rejects.toThrow('NOTICE_FROM')
  })

  it('stays to be confirmed where the link could not be mailed, and the log says so', async () => {
    const { bench, mailbox, notices } = await open()
    mailbox.fail()
    await notices.setAddress(bench.tenantId, 'ops@acme.example')
    expect(bench.lines).toContainEqual(expect.objectContaining({ event: 'notice.unsent' }))
  })
})

describe('notices by e-mail', () => {
  it('come at once, and then at most once an hour with what happened since', async () => {
    const { bench, sent, tell, confirm } = await open()
    await confirm()
    await tell('webhook.failing')
    expect(sent).toHaveLength(1)
    for (const _ of [1, 2, 3]) await tell('webhook.exhausted')
    await tell('webhook.suspended')
    vi.setSystemTime(T + HOUR - 1)
    await bench.engine.consumers.sweep()
    expect(sent).toHaveLength(1)
    vi.setSystemTime(T + HOUR)
    await bench.engine.consumers.sweep()
    await bench.engine.consumers.sweep()
    expect(sent).toHaveLength(2)
    expect(sent[1]?.subject).toBe('Webhook at shop.example was suspended')
    expect(sent[1]?.text).toContain('3 events were given up')
  })

  it('go to nobody who has not confirmed', async () => {
    const { bench, sent, notices, tell } = await open()
    await tell('webhook.failing')
    await notices.setAddress(bench.tenantId, 'ops@acme.example')
    await tell('webhook.suspended')
    expect(sent).toMatchObject([{ subject: 'Confirm this address for notices about webhooks' }])
  })

  it('that waited for an address go to no other that is not confirmed', async () => {
    const { bench, sent, notices, tell, confirm } = await open()
    await confirm()
    await tell('webhook.failing')
    await tell('webhook.suspended')
    await notices.setAddress(bench.tenantId, 'other@acme.example')
    vi.setSystemTime(T + HOUR)
    await bench.engine.consumers.sweep()
    expect(sent.map(({ to, subject }) => [to, subject])).toEqual([
      ['ops@acme.example', 'Webhook at shop.example keeps failing'],
      ['other@acme.example', 'Confirm this address for notices about webhooks'],
    ])
  })

  it('that cannot be sent are tried again by the cron, for a day', async () => {
    const { bench, mailbox, sent, tell, confirm } = await open()
    await confirm()
    mailbox.fail()
    await tell('webhook.failing')
    expect(bench.lines).toContainEqual(expect.objectContaining({ event: 'notice.unsent' }))
    mailbox.mend()
    vi.setSystemTime(T + HOUR)
    await bench.engine.consumers.sweep()
    expect(sent).toHaveLength(1)
    mailbox.fail()
    vi.setSystemTime(T + 2 * HOUR)
    await tell('webhook.suspended')
    vi.setSystemTime(T + 26 * HOUR)
    await bench.engine.consumers.sweep()
    expect(bench.lines).toContainEqual({ event: 'notices.given_up', notices: 1 })
    mailbox.mend()
    vi.setSystemTime(T + 28 * HOUR)
    await bench.engine.consumers.sweep()
    expect(sent).toHaveLength(1)
  })
})

describe('the mail', () => {
  const notice = (fields: Partial<WaitingNotice>): WaitingNotice => ({
    ...{ tenantId: 't', webhookId: 'w', kind: 'webhook.failing', at: T, cause: 'gateway' },
    ...{ failingSince: T - HOUR, suspendsAt: T + HOUR, count: 1, firstAt: T },
    ...fields,
  })
  const about = {
    webhook: { id: 'w', url: 'https://user:pass@shop.example:8443/secret?token=1' },
    tenantName: 'Acme\r\nbcc: x@y.example',
    to: 'ops@acme.example',
    origin: 'https://hooks.example',
  }

  it('says what happened, in order, with the host of the URL alone', () => {
    const told = [
      notice({ kind: 'webhook.suspended', at: T + 2, cause: null }),
      notice({}),
      notice({ kind: 'webhook.exhausted', at: T + 60_000, count: 2 }),
      notice({ kind: 'webhook.resumed', at: T + 3 * HOUR, cause: null }),
    ]
    expect(toNoticeMail(told, about)).toEqual({
      to: 'ops@acme.example',
      subject: 'Webhook at shop.example:8443 was suspended',
      text: [
        'Your webhook at shop.example:8443 (w):',
        '',
        '- It has been failing since 2026-11-22 09:00 UTC. It will be suspended at 2026-11-22 11:00 UTC unless a delivery succeeds before then. Cause: gateway.',
        '- It was suspended at 2026-11-22 10:00 UTC: nothing is sent until somebody resumes it.',
        '- 2 events were given up from 2026-11-22 10:00 UTC to 2026-11-22 10:01 UTC. Cause: gateway.',
        '- It was resumed at 2026-11-22 13:00 UTC: new events are sent again.',
        '',
        'Attempts, reasons and what to do about them:',
        'https://hooks.example/portal/webhooks/w',
        '',
        'This address gets the notices of Acme bcc: x@y.example: at most one mail an hour about each webhook.',
        '',
      ].join('\n'),
    })
  })
})

import { describe, expect, it } from 'vitest'
import { toChanges, toIntegration, toUrl } from '../../../src/dialects/contractfit/translate.ts'
import type { Header } from '../../../src/engine/model/index.ts'
import { aWebhook } from '../models.ts'

describe('a target', () => {
  it.each([
    [
      'http://localhost:3000/alfred/document_predict',
      'http://localhost:3000/alfred/document_predict',
    ],
    ['HTTPS://Receiver.Example/Hook', 'HTTPS://Receiver.Example/Hook'],
    ['receiver.example', 'http://receiver.example'],
    [
      'receiver.example/hook?next=https://other.example',
      'http://receiver.example/hook?next=https://other.example',
    ],
    ['localhost:3000/hook', 'http://localhost:3000/hook'],
    ['203.0.113.9', 'http://203.0.113.9'],
    ['203.0.113.9:8080/hook', 'http://203.0.113.9:8080/hook'],
    ['2001:db8::9', 'http://[2001:db8::9]'],
    ['::ffff:203.0.113.9', 'http://[::ffff:203.0.113.9]'],
    ['[2001:db8::9]:8080/hook', 'http://[2001:db8::9]:8080/hook'],
    ['ftp://receiver.example', 'ftp://receiver.example'],
    ['https:/receiver.example', 'https:/receiver.example'],
    ['mailto:ada@receiver.example', 'http://mailto:ada@receiver.example'],
  ])('%s stands for %s', (target, url) => {
    expect(toUrl(target)).toBe(url)
  })
})

describe('an integration', () => {
  const withHeaders = (headers: readonly Header[]) =>
    toIntegration(aWebhook({ secrets: { signing: [], headers, attributes: {} } }), {
      permissions: ['webhooks:read'],
    }).headers

  it.each([
    'Authorization',
    'authorization',
    'COOKIE',
    'X-Auth-Token',
    'X-SECRET',
    'X-Api-Key',
    'X-Keyring',
    'X-Hub-Signature-256',
  ])('hides the value of %s', (name) => {
    expect(withHeaders([[name, 'hidden']])).toEqual({ [name]: '••••' })
  })

  it.each([
    'X-Environment',
    'Accept-Language',
    'X-Request-Source',
    'User-Agent',
    'X-Auth',
    'X-Password',
    'X-Session-Id',
    'Cookie2',
  ])('shows the value of %s', (name) => {
    expect(withHeaders([[name, 'shown']])).toEqual({ [name]: 'shown' })
  })

  it('shows the lines of one name as one value', () => {
    const headers: readonly Header[] = [
      ['X-Part', 'a'],
      ['X-Token', 'b'],
      ['x-part', 'c'],
      ['X-Token', 'd'],
    ]
    expect(withHeaders(headers)).toEqual({ 'X-Part': 'a, c', 'X-Token': '••••' })
  })
})

describe('an update', () => {
  const current = aWebhook({ scope: { inbox: 'i-1', project: 'p-1', region: 'eu' } })

  it.each([
    [{}, { inbox: 'i-1', project: 'p-1', region: 'eu' }],
    [{ inbox: 'i-2' }, { inbox: 'i-2', project: 'p-1', region: 'eu' }],
    [{ inbox: null }, { project: 'p-1', region: 'eu' }],
    [{ inbox: null, project: null }, { region: 'eu' }],
    [{ project: 'p-2' }, { inbox: 'i-1', project: 'p-2', region: 'eu' }],
  ])('%j leaves the scope %j', (body, scope) => {
    expect(toChanges(body, current).scope).toEqual(scope)
  })

  it('of the headers keeps the other secrets', () => {
    const secrets = {
      signing: [{ secret: 'whsec_x', expiresAt: null }],
      headers: [['X-Old', '1']] as const,
      attributes: { a: 'b' },
    }
    expect(toChanges({ headers: { 'X-New': '2' } }, aWebhook({ secrets })).secrets).toEqual({
      ...secrets,
      headers: [['X-New', '2']],
    })
  })
})

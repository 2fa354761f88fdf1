// What cannot be seen from outside: deployments without private targets, and what other surfaces stored.

import { describe, expect, it } from 'vitest'
import {
  toChanges,
  toNewWebhook,
  toWebhookResponse,
} from '../../../src/dialects/socotra/translate.ts'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/attempt/failure-handling.ts'
import { aWebhook } from '../models.ts'

const request = { name: 'Note', enabled: true, eventTypes: ['policy.issue'] }
const nowhereLocal = () => false

describe('a deployment without private targets', () => {
  it.each([
    [{ url: 'http://localhost:3000/' }, false],
    [{ url: 'https://receiver.example/' }, true],
    [{ url: 'http://receiver.example/', secureSsl: false }, true],
  ])('with the endpoint %j takes it: %s', (endpoint, taken) => {
    const make = () => toNewWebhook({ ...request, endpoint }, nowhereLocal)
    if (taken) expect(make()).toMatchObject({ url: endpoint.url })
    else expect(make).toThrow('An endpoint with secureSsl requires an https URL.')
  })
})

describe('a new webhook', () => {
  it('keeps what only the vendor knows apart from what is secret', () => {
    const endpoint = {
      url: 'https://receiver.example/',
      hmacEnabled: true,
      secret: 'secret',
      tag: 'blue',
      headers: { 'X-A': ['1', '2'] },
    }
    expect(toNewWebhook({ ...request, endpoint, useAutomationPlugin: true }, nowhereLocal)).toEqual(
      {
        name: 'Note',
        enabled: true,
        url: 'https://receiver.example/',
        eventTypes: ['policy.issue'],
        failureHandling: null,
        attributes: { secureSsl: true, useAutomationPlugin: true },
        secrets: {
          signing: [{ secret: 'secret', expiresAt: null }],
          headers: [
            ['X-A', '1'],
            ['X-A', '2'],
          ],
          attributes: { tag: 'blue' },
        },
      },
    )
  })
})

describe('a webhook that /v1 changed', () => {
  it('shows a schedule by its length and first delay', () => {
    const webhook = aWebhook({ failureHandling: DEFAULT_FAILURE_HANDLING })
    expect(toWebhookResponse(webhook, { permissions: [] }).failureHandling).toEqual({
      alertEndpoint: null,
      divert: true,
      retryStrategy: { attempts: 9, interval: 5, type: 'linear' },
      suspend: true,
      triggers: ['4xx', '5xx', 'timeout'],
    })
  })

  it('keeps what an update does not name', () => {
    const webhook = aWebhook({
      url: 'http://receiver.example/',
      eventTypes: ['invoice.*'],
      failureHandling: { ...DEFAULT_FAILURE_HANDLING, timeoutMs: 5_000 },
      attributes: { other: 1 },
      secrets: {
        signing: [
          { secret: 'new', expiresAt: null },
          { secret: 'old', expiresAt: 1_795_341_600_000 },
        ],
        headers: [['x-a', '1']],
        attributes: { other: 'kept' },
      },
    })
    const changes = toChanges({ failureHandling: { divert: false } }, webhook, nowhereLocal)
    expect(changes).toMatchObject({
      url: 'http://receiver.example/',
      eventTypes: ['invoice.*'],
      failureHandling: { ...DEFAULT_FAILURE_HANDLING, divert: false, timeoutMs: 5_000 },
      attributes: { other: 1 },
      secrets: webhook.secrets,
    })
  })

  it('may be updated although it has no TLS', () => {
    const webhook = aWebhook({ url: 'http://receiver.example/' })
    const endpoint = { addHeaders: { 'X-A': ['1'] } }
    expect(toChanges({ endpoint }, webhook, nowhereLocal).secrets?.headers).toEqual([['X-A', '1']])
  })
})

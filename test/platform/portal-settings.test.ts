import { describe, expect, it } from 'vitest'
import { readPortalSettings } from '../../src/platform/portal-settings.ts'

describe('the variables of the portal', () => {
  it('may be absent or empty', () => {
    const plain = {
      publicOrigin: null,
      portal: { name: 'Webhooks', logoUrl: null, color: null, frameOrigins: [] },
    }
    expect(readPortalSettings({})).toEqual(plain)
    const empty = { PORTAL_NAME: ' ', PORTAL_LOGO_URL: '', PORTAL_COLOR: '', PORTAL_ORIGINS: ' , ' }
    expect(readPortalSettings({ ...empty, PUBLIC_URL: '' })).toEqual(plain)
  })

  it('are read', () => {
    const given = {
      PUBLIC_URL: 'https://hooks.example.com/',
      PORTAL_NAME: ' Acme ',
      PORTAL_LOGO_URL: 'https://cdn.example/a.png',
      PORTAL_COLOR: '#FFCC00',
      PORTAL_ORIGINS: 'https://a.example, http://localhost:3000,https://a.example',
    }
    expect(readPortalSettings(given)).toEqual({
      publicOrigin: 'https://hooks.example.com',
      portal: {
        ...{ name: 'Acme', logoUrl: 'https://cdn.example/a.png', color: '#ffcc00' },
        frameOrigins: ['https://a.example', 'http://localhost:3000'],
      },
    })
  })

  it.each([
    ['PUBLIC_URL', 'hooks.example.com'],
    ['PUBLIC_URL', 'http://hooks.example.com'],
    ['PUBLIC_URL', 'https://hooks.example.com/path'],
    ['PUBLIC_URL', 'https://user:secret@hooks.example.com'],
    ['PORTAL_NAME', 'x'.repeat(61)],
    ['PORTAL_LOGO_URL', 'javascript:alert(1)'],
    ['PORTAL_LOGO_URL', 'http://cdn.example/a.png'],
    ['PORTAL_LOGO_URL', '/logo.png'],
    ['PORTAL_COLOR', 'red'],
    ['PORTAL_COLOR', '#fff'],
    ['PORTAL_COLOR', '#000000; } body { display: none'],
    ['PORTAL_ORIGINS', '*'],
    ['PORTAL_ORIGINS', 'https://*.example'],
    ['PORTAL_ORIGINS', 'https://app.example/'],
    ['PORTAL_ORIGINS', 'http://app.example'],
    ['PORTAL_ORIGINS', "https://app.example; script-src 'unsafe-inline'"],
    ['PORTAL_ORIGINS', 'null'],
  ])('%s cannot be %j', (name, value) => {
    expect(() => readPortalSettings({ [name]: value })).toThrow(name)
  })
})

// What `npm run import` is asked for.

import { expect, it } from 'vitest'
import { readRequest } from '../../../scripts/import/request.ts'

const tokens = { SVIX_TOKEN: 's', HOOKLINE_TOKEN: 'h' }
const dry = {
  ...{ server: 'https://api.eu.svix.com', to: 'http://localhost:8787' },
  ...{ only: [], isApplied: false, isJson: false, tokens: { svix: 's', hookline: 'h' } },
}

it.each<[string, object]>([
  ['svix --server https://api.eu.svix.com', dry],
  ['svix --server=https://api.eu.svix.com/', dry],
  ['--server https://api.eu.svix.com/api/v1/ svix', dry],
  [
    'svix --server https://api.eu.svix.com --to https://hooks.example/base/ --apply --json',
    { ...dry, to: 'https://hooks.example/base', isApplied: true, isJson: true },
  ],
  [
    'svix --server https://api.eu.svix.com --app acme --app app_1',
    { ...dry, only: ['acme', 'app_1'] },
  ],
])('%s', (line, expected) => {
  expect(readRequest(line.split(' '), tokens)).toEqual(expected)
})

it.each<[string, Record<string, string>, RegExp]>([
  ['', tokens, /^Where from\?/],
  ['hookdeck --server https://x.example', tokens, /^Where from\?/],
  ['svix', tokens, /^--server must be/],
  ['svix --server svix.com', tokens, /^--server must be/],
  ['svix --server ftp://svix.com', tokens, /^--server must be/],
  ['svix --server https://token@svix.com', tokens, /^--server must be/],
  ['svix --server https://x.example --to nowhere', tokens, /^--to must be/],
  ['svix --server https://x.example --to https://x.example/', tokens, /are the same/],
  ['svix --server', tokens, /^--server wants a value/],
  ['svix --server https://x.example --token t', tokens, /^--token is unknown/],
  ['svix --server https://x.example --constructor', tokens, /^--constructor is unknown/],
  ['svix --server https://x.example --apply=no', tokens, /^--apply=no is unknown/],
  ['svix --server https://x.example', { HOOKLINE_TOKEN: 'h' }, /^SVIX_TOKEN is not set/],
  ['svix --server https://x.example', { SVIX_TOKEN: 's' }, /^HOOKLINE_TOKEN is not set/],
])('%s is refused', (line, environment, message) => {
  expect(readRequest(line.split(' ').filter(Boolean), environment)).toMatch(message)
})

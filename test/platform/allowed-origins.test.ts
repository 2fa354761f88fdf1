import { describe, expect, it } from 'vitest'
import { readAllowedOrigins } from '../../src/platform/allowed-origins.ts'

describe('ALLOWED_ORIGINS', () => {
  it.each([
    [undefined, []],
    ['', []],
    [' , ', []],
    ['https://app.example', ['https://app.example']],
    [
      ' https://app.example , http://localhost:5173,',
      ['https://app.example', 'http://localhost:5173'],
    ],
  ])('%j names %j', (variable, origins) => {
    expect([...readAllowedOrigins(variable)]).toEqual(origins)
  })

  it.each([
    '*',
    'null',
    'app.example',
    'https://app.example/',
    'https://app.example/path',
    'https://App.example',
    'https://app.example:443',
    'https://user@app.example',
    'https://*.example',
    'https://app.example https://other.example',
    'file:///etc',
    'https://app.example,*',
  ])('cannot be %j', (variable) => {
    expect(() => readAllowedOrigins(variable)).toThrow('ALLOWED_ORIGINS')
  })
})

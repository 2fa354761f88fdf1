// The components in memory are looked at as Cloudflare's are.

import { describe } from 'vitest'
import { diagnosticsContract } from '../contracts/diagnostics.ts'
import { createMemoryDiagnostics } from './diagnostics.ts'

describe('in memory', () => {
  diagnosticsContract(createMemoryDiagnostics)
})

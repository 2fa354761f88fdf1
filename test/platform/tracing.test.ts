import { inSpan } from '../../src/platform/tracing.ts'
import { tracingContract } from '../contracts/tracing.ts'

tracingContract(inSpan)

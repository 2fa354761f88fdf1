import { tracingContract } from '../contracts/tracing.ts'
import { recordSpans, untraced } from './tracing.ts'

tracingContract(untraced)
tracingContract(recordSpans().inSpan)

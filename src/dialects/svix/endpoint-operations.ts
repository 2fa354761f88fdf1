// All operations about endpoints: those of applications, and operational ones.

import { endpointSecretOperations } from './endpoint-secrets.ts'
import { endpointCalls } from './endpoints.ts'
import { toOperational } from './operational-webhooks.ts'
import { recoveryOperations } from './recovery.ts'

const both = [...endpointSecretOperations, ...endpointCalls]

export const endpointOperations = [...both, ...recoveryOperations, ...toOperational(both)]

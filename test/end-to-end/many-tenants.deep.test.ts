// As many tenants as one request may name. Ten thousand are published to in one-key.deep.test.ts: here each of them is an
// object with a file of its own.

import { publishesToTenants } from './many-tenants.ts'

publishesToTenants(1_000)

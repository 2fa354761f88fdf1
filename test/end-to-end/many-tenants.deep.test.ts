// Half as many tenants as one request may name. Five thousand are published to in one-key.deep.test.ts: here each of them is an
// object with a file of its own.

import { publishesToTenants } from './many-tenants.ts'

publishesToTenants(500)

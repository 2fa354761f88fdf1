// A share of what the deep lane does (many-tenants.deep.test.ts).

import { publishesToTenants } from './many-tenants.ts'

publishesToTenants(50)

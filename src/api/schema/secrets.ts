// Re-encryption on the wire.

import { z } from 'zod'

/** There is nothing to say: it is about all secrets. */
export const ReencryptSecrets = z.strictObject({}).meta({ id: 'ReencryptSecrets' })

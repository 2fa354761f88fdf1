import { z } from 'zod'

export const CreateHook = z
  .object({
    callback: z.string().min(1).meta({ description: 'Where deliveries are sent.' }),
    topics: z.array(z.string()).min(1).meta({ description: 'What is delivered.' }),
  })
  .meta({ id: 'AcmeCreateHook' })
export type CreateHook = z.infer<typeof CreateHook>

export const UpdateHook = CreateHook.partial().meta({ id: 'AcmeUpdateHook' })
export type UpdateHook = z.infer<typeof UpdateHook>

export const Hook = z
  .object({
    id: z.string().meta({ format: 'uuid', description: 'The id of the hook.' }),
    callback: z.string().meta({ description: 'Where deliveries are sent.' }),
    topics: z.array(z.string()).meta({ description: 'What is delivered.' }),
  })
  .meta({ id: 'AcmeHook' })
export type Hook = z.infer<typeof Hook>

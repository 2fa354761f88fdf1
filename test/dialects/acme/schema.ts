import { z } from 'zod'

export const CreateHook = z.object({
  callback: z.string().min(1),
  topics: z.array(z.string()).min(1),
})
export type CreateHook = z.infer<typeof CreateHook>

export const UpdateHook = CreateHook.partial()
export type UpdateHook = z.infer<typeof UpdateHook>

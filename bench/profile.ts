import type { World } from './parts.ts'
export async function printProfile(_: World): Promise<void> {}

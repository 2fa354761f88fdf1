// The vendors whose dialects this deployment speaks: one line each.

export { contractfit } from './contractfit/index.ts'
export { crazygoldfish } from './crazygoldfish/index.ts'
export { everypoint } from './everypoint/index.ts'
export { infermedica } from './infermedica/index.ts'
export { socotra } from './socotra/index.ts'
export { svix } from './svix/index.ts'

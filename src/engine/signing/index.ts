// Signing: Standard Webhooks 1.0 with HMAC-SHA256 and Ed25519, and the rotation of its secrets.

export { hmacSha256Hex } from './hmac.ts'
export { currentSecret, type Rotation, rotate } from './rotate.ts'
export { generateSecret, kindOf, publicKeyOf, type SigningKind, validateSecret } from './secret.ts'
export { type SignedContent, sign } from './sign.ts'

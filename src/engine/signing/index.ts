// Signing: Standard Webhooks 1.0 with HMAC-SHA256 and Ed25519, and the rotation of its secrets; and HTTP message signatures
// (RFC 9421) with the keys of the deployment.

export { hmacSha256Hex } from './hmac.ts'
export { headersOfSignature, keyFor, signRequest, type UnsignedRequest } from './http-signature.ts'
export { publicKeys, signDirectory } from './key-directory.ts'
export { currentSecret, type Rotation, rotate } from './rotate.ts'
export { generateSecret, kindOf, publicKeyOf, type SigningKind, validateSecret } from './secret.ts'
export { type SignedContent, sign } from './sign.ts'
export { readSigningKeys } from './signing-keys.ts'

// What stands for a secret wherever it would otherwise be shown.

/** No legal header value, so that one that comes back is known for a mask. */
export const MASK = '••••'

/** What can be asked of a push that was sent, named as the vendors name it. */
export const operations = ['stop', 'revoke', 'overlay'] as const
export type Operation = (typeof operations)[number]

import { randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** `<prefix>_` and 26 characters: 48 bits of milliseconds, 80 of chance. Sorts by time. */
export function newId(prefix: 'rcl' | 'msg' | 'req' | 'vrd' | 'aud' | 'pse', now = Date.now()): string {
  let time = ''
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = alphabet.charAt(rest % 32) + time
  let chance = ''
  for (const byte of randomBytes(16)) chance += alphabet.charAt(byte % 32)
  return `${prefix}_${time}${chance}`
}

/**
 * What ids look like. Text of another form names nothing: the door refuses it before any statement sees it, since the
 * database fails on some of it (U+0000), and a failed statement takes its neighbours along.
 */
export const idForms = {
  message: /^[A-Za-z0-9._:-]{1,128}$/,
  recall: /^rcl_[0-9a-hjkmnp-tv-z]{26}$/,
  verdict: /^vrd_[0-9a-hjkmnp-tv-z]{26}$/,
  pause: /^pse_[0-9a-hjkmnp-tv-z]{26}$/,
  delivery: /^dlv_[0-9a-f]{32}$/,
  /** A name in the secrets manager. */
  endpoint: /^[a-z0-9][a-z0-9_-]{0,62}$/,
  /** The number of a record of the audit trail. */
  record: /^[1-9]\d{0,14}$/,
  /** A file of the console, with the hash that esbuild gave it. */
  file: /^[a-z-]{1,32}-[A-Z0-9]{8}\.(js|css)$/,
} as const satisfies { readonly [kind: string]: RegExp }
export type IdKind = keyof typeof idForms

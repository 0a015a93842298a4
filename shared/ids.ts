import { randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** `<prefix>_` and 26 characters: 48 bits of milliseconds, 80 of chance. Sorts by time. */
export function newId(prefix: 'rcl' | 'msg' | 'req' | 'vrd' | 'aud', now = Date.now()): string {
  let time = ''
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = alphabet.charAt(rest % 32) + time
  let chance = ''
  for (const byte of randomBytes(16)) chance += alphabet.charAt(byte % 32)
  return `${prefix}_${time}${chance}`
}

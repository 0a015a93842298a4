/** The code in the link that `npm start` prints: it signs a browser in with one click. */
import { randomBytes, timingSafeEqual } from 'node:crypto'

export interface SignInCode {
  readonly code: string
  /** The key, the first time; null for any other code and ever after. */
  readonly redeem: (code: string) => string | null
}

export function createSignInCode(key: string): SignInCode {
  const code = randomBytes(24).toString('base64url')
  let used = false
  return {
    code,
    redeem: given => {
      const [own, other] = [Buffer.from(code), Buffer.from(given)]
      if (used || own.length !== other.length || !timingSafeEqual(own, other)) return null
      used = true
      return key
    },
  }
}

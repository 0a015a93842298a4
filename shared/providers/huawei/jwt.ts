import type { KeyObject } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'

/** PS256, as https://developer.huawei.com/consumer/cn/doc/harmonyos-guides/push-jwt-token asks for. */
export function signJwt(claims: JWTPayload, keyId: string, key: KeyObject): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ kid: keyId, typ: 'JWT', alg: 'PS256' }).sign(key)
}

/** JWTs as several vendors take them: signed by jose, which is loaded where one is signed and nowhere else. */
import type { KeyObject } from 'node:crypto'
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'

/** Members stand in the JWT in the order in which they are given. */
export function signJwt(header: JWTHeaderParameters, claims: JWTPayload, key: KeyObject): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(key)
}

/**
 * Who calls: the signature of TPNS (tencentyun/qcloud-documents, 签名认证（推荐）.md) or Basic auth (Basic Auth 认证.md). The MAC
 * is over the bytes as they came.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { headerOf, type VendorRequest } from '../judgement.ts'
import { Refusal } from './refusal.ts'
import type { TpnsAppName, TpnsState } from './state.ts'

/**
 * Throws Refusal. The documents know body codes and HTTP 403 for bad credentials and do not say which is when: here what
 * a gateway can see (who, when) is a 403, what only the key's owner can see is a code.
 */
export function authenticate(
  { headers, body }: VendorRequest,
  apps: TpnsState['apps'],
  skewSeconds: number,
  nowMs: number,
): TpnsAppName {
  const basic = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(headerOf(headers, 'authorization'))?.[1]
  if (basic !== undefined) return authenticateBasic(Buffer.from(basic, 'base64').toString('utf8'), apps)
  const accessId = headerOf(headers, 'accessid')
  const name = appOf(accessId, apps)
  const timestamp = headerOf(headers, 'timestamp')
  if (!/^\d{10}$/.test(timestamp) || Math.abs(Number(timestamp) - nowMs / 1000) > skewSeconds) {
    throw new Refusal(1_008_003, { httpStatus: 403 })
  }
  // hex first, and that text in Base64
  const hex = createHmac('sha256', apps[name].secretKey).update(`${timestamp}${accessId}`).update(body).digest('hex')
  if (!equal(headerOf(headers, 'sign'), Buffer.from(hex).toString('base64'))) throw new Refusal(1_008_003)
  return name
}

function authenticateBasic(credentials: string, apps: TpnsState['apps']): TpnsAppName {
  const [accessId = ''] = credentials.split(':')
  const name = appOf(accessId, apps)
  if (!equal(credentials, `${accessId}:${apps[name].secretKey}`)) throw new Refusal(1_008_003)
  return name
}

function appOf(accessId: string, apps: TpnsState['apps']): TpnsAppName {
  if (apps['news-android'].accessId === accessId) return 'news-android'
  if (apps['news-ios'].accessId === accessId) return 'news-ios'
  throw new Refusal(1_008_035, { httpStatus: 403 })
}

function equal(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

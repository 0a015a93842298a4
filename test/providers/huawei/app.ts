/** One Huawei app with a key of its own, and what the tests ask of it. */
import { constants, generateKeyPairSync, verify } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { NotReceived, Received } from '../../../shared/http.ts'
import { huawei, type HuaweiCredentials } from '../../../shared/providers/huawei/index.ts'
import type { Call, Named, OverlayContent, TokenBatch } from '../../../shared/providers/provider.ts'
import { callOf, openCredentials, perform } from '../subject.ts'
import { fakeSend, received } from '../fake-send.ts'

const audience = 'https://oauth-login.cloud.huawei.com/oauth2/v3/token'
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
/** As in Huawei's own files: the body of the PEM is one line. */
export const oneLinePem = oneLine(pem)

export function oneLine(text: string): string {
  const body = text.replace(/-----[A-Z ]+-----/g, '').replaceAll('\n', '')
  return `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`
}

export const serviceAccount = {
  project_id: '388421841222000001',
  key_id: 'KEYID0001',
  private_key: oneLinePem,
  sub_account: '100000001',
  auth_uri: 'https://oauth-login.cloud.huawei.com/oauth2/v3/authorize',
  token_uri: 'https://oauth-login.cloud.huawei.com/oauth2/v3/token',
  auth_provider_cert_uri: 'https://oauth-login.cloud.huawei.com/oauth2/v3/certs',
  client_cert_uri: 'https://oauth-login.cloud.huawei.com/oauth2/v3/x509?client_id=',
}
export const document = { provider: 'huawei', clientId: '109012345', serviceAccount, overlayCategory: 'MARKETING' }

export const content: OverlayContent = {
  title: '普通通知标题',
  body: '普通通知内容',
  url: null,
  forceCollapse: false,
  options: {},
}

export function batchOf(tokens: readonly string[]): TokenBatch {
  return { json: Buffer.from(JSON.stringify(tokens)), count: tokens.length }
}

export const batch = batchOf(['pushToken1', 'pushToken2', 'pushToken3'])

/** A fresh credential, with nothing cached for it. */
export function freshCredentials(change: object = {}): HuaweiCredentials {
  return openCredentials(huawei, { ...document, ...change })
}

export interface Asked {
  readonly credentials?: HuaweiCredentials
  readonly reply?: Received | NotReceived
  readonly tokens?: TokenBatch | null
  readonly handle?: string
  readonly content?: OverlayContent
  readonly call?: Partial<Call<HuaweiCredentials>>
}

const shared = freshCredentials()

export async function ask(step: 'revoke' | 'overlay', asked: Asked = {}) {
  const { send, sent } = fakeSend(asked.reply ?? received('{"code":"80000000","msg":"Success","requestId":"1"}'))
  const { credentials = shared, tokens = batch, handle = '1234567' } = asked
  const named: Named = tokens === null ? { by: 'task' } : { by: 'tokens', ...tokens }
  const request = { names: { notifyId: Number(handle) }, named, record: null }
  const call = callOf(credentials, send, asked.call)
  const { outcome } = await perform(huawei, step, request, asked.content ?? content, call)
  const [first] = sent
  const sending =
    first === undefined
      ? undefined
      : { ...first, body: typeof first.body === 'string' ? first.body : Buffer.concat(first.body).toString() }
  return { outcome, sent, sending, jwt: sending?.headers['Authorization']?.replace(/^Bearer /, '') ?? '' }
}

/** By a library and by the platform: PS256 means a salt of exactly 32 bytes. Throws where it is not. */
export async function isJwt(jwt: string, atMs: number): Promise<boolean> {
  await jwtVerify(jwt, keys.publicKey, {
    audience,
    issuer: '100000001',
    algorithms: ['PS256'],
    requiredClaims: ['exp', 'iat'],
    currentDate: new Date(atMs),
  })
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const key = { key: keys.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
}

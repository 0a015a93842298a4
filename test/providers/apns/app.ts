/** One APNs app with a key of its own, and what the tests ask of it. */
import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import type { NotReceived, Received } from '../../../shared/http.ts'
import { apns, type ApnsCredentials } from '../../../shared/providers/apns/index.ts'
import type { Call, Named, OverlayContent, Session } from '../../../shared/providers/provider.ts'
import { fakeSend, received } from '../fake-send.ts'
import { callOf, openCredentials, perform } from '../subject.ts'

export const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
export const document = {
  provider: 'apns',
  teamId: 'DEF123GHIJ',
  keyId: 'ABC123DEFG',
  privateKey: pem,
  topic: 'com.example.app',
  environment: 'production',
  removal: 'background',
}
export const content: OverlayContent = {
  title: 'Withdrawn',
  body: 'See the app.',
  url: null,
  forceCollapse: false,
  options: {},
}
export const token = '00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0'
export const nowMs = 1_795_000_000_000

export function freshCredentials(change: object = {}): ApnsCredentials {
  return openCredentials(apns, { ...document, ...change })
}

export async function sessionOf(credentials: ApnsCredentials, atMs = nowMs): Promise<Session> {
  const opened = await apns.login?.open({
    credentials,
    send: fakeSend(received('')).send,
    timeoutMs: 1000,
    now: () => atMs,
  })
  if (opened === undefined || !('session' in opened)) throw new Error('no session')
  return opened.session
}

export interface Asked {
  readonly credentials?: ApnsCredentials
  readonly reply?: Received | NotReceived
  readonly named?: Named
  readonly collapseId?: string
  readonly content?: OverlayContent
  readonly call?: Partial<Call<ApnsCredentials>>
}

export async function ask(step: 'revoke' | 'overlay', asked: Asked = {}) {
  const { send, sent } = fakeSend(asked.reply ?? received(''))
  const { credentials = freshCredentials(), named = { by: 'token', token }, collapseId = 'rc-8f2c' } = asked
  const session = await sessionOf(credentials)
  const call = callOf(credentials, send, { now: () => nowMs, session, ...asked.call })
  const request = { names: { collapseId }, named, record: null }
  const { outcome } = await perform(apns, step, request, asked.content ?? content, call)
  return { outcome, sent, sending: sent[0], session }
}

/** Header and claims of a provider token whose signature is the key's: 64 bytes, r and s. */
export function readToken(jwt: string, key: KeyObject = keys.publicKey): { header: object; claims: { iat: number } } {
  const [header = '', claims = '', signature = ''] = jwt.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const isSigned = verify('sha256', Buffer.from(`${header}.${claims}`), { key, dsaEncoding: 'ieee-p1363' }, bytes)
  if (!isSigned || bytes.length !== 64) throw new Error('not signed with the key')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: read(header), claims: read(claims) }
}

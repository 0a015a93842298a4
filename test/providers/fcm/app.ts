/** An FCM app with a key of its own, Google's replies, and what the tests ask of both. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { NotReceived, Received } from '../../../shared/http.ts'
import { fcm, type FcmCredentials } from '../../../shared/providers/fcm/index.ts'
import type { Call, Named, Names, OverlayContent } from '../../../shared/providers/provider.ts'
import { fakeSend, received } from '../fake-send.ts'
import { callOf, openCredentials, perform } from '../subject.ts'

export const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const pem = pemOf(keys.privateKey, 'pkcs8')

export function pemOf(key: KeyObject, type: 'pkcs8' | 'pkcs1'): string {
  return String(key.export({ type, format: 'pem' }))
}

/** As Google's console hands it out. */
export const serviceAccount = {
  type: 'service_account',
  project_id: 'demo-project',
  private_key_id: '0123456789abcdef0123456789abcdef01234567',
  private_key: pem,
  client_email: 'unpush@demo-project.iam.gserviceaccount.com',
  client_id: '100000000000000000001',
  auth_uri: 'https://accounts.google.com/o/oauth2/auth',
  token_uri: 'https://oauth2.googleapis.com/token',
  auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
  client_x509_cert_url:
    'https://www.googleapis.com/robot/v1/metadata/x509/unpush%40demo-project.iam.gserviceaccount.com',
  universe_domain: 'googleapis.com',
}
export const document = { provider: 'fcm', serviceAccount, removal: 'data' }
export const credentials: FcmCredentials = openCredentials(fcm, document)
export const session = { value: 'ya29.c.made-0123456789-of-nobody', freshUntilMs: 1_795_003_000_000 }

/** 2026-11-18T11:06:40Z: the time of the documents' vector. */
export const at = 1_795_000_000_000
export const names: Names = { tag: 'rc-8f2c' }
export const content: OverlayContent = {
  title: 'Withdrawn',
  body: 'See the app for the latest.',
  url: null,
  forceCollapse: false,
  options: {},
}
export const sentYes = '{"name":"projects/demo-project/messages/0:1795000000123456%31bd1c9631bd1c96"}'

export interface Asked {
  readonly reply?: Received | NotReceived
  readonly named?: Named
  readonly names?: Names
  readonly content?: OverlayContent
  readonly call?: Partial<Call<FcmCredentials>>
  readonly credentials?: FcmCredentials
}

export async function ask(step: 'stop' | 'revoke' | 'overlay', asked: Asked = {}) {
  const { send, sent } = fakeSend(asked.reply ?? received(sentYes))
  const request = {
    names: asked.names ?? names,
    named: asked.named ?? { by: 'token', token: 'T1' },
    record: null,
  } as const
  const call = callOf(asked.credentials ?? credentials, send, { now: () => at, session, ...asked.call })
  const { outcome } = await perform(fcm, step, request, asked.content ?? content, call)
  const body = sent[0]?.body
  return { outcome, sent, sending: sent[0], message: typeof body === 'string' ? JSON.parse(body).message : undefined }
}

/** Throws where it is none that Google would take now. */
export async function verifyAssertion(assertion: string, atMs: number): Promise<void> {
  await jwtVerify(assertion, keys.publicKey, {
    audience: 'https://oauth2.googleapis.com/token',
    issuer: serviceAccount.client_email,
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'iat', 'scope'],
    currentDate: new Date(atMs),
  })
}

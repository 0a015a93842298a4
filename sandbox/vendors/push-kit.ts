/**
 * A stand-in of Huawei Push Kit as its documents describe it (push-msg-revoke, push-scenariozed-api-*, push-jwt-token),
 * strict about the JWT, types and limits. It is its own reading of them and shares no code with the provider.
 */
import { constants, createPublicKey, generateKeyPairSync, randomInt, verify } from 'node:crypto'
import { honestPushKit, type PushKitSwitches } from '../faults.ts'
import { deliver, overlayToken, type Phone, revokeByToken } from '../phone.ts'
import type { Judgement } from './tpns.ts'

export interface PushKitState {
  readonly clientId: string
  readonly projectId: string
  readonly keyId: string
  readonly subAccount: string
  readonly privateKey: string
  readonly publicKey: string
}

export interface PushKit {
  readonly switches: PushKitSwitches
  push(push: {
    readonly notifyId: number
    readonly tokens: readonly string[]
    readonly title: string
    readonly body: string
  }): void
  judge(
    path: string,
    headers: { readonly [name: string]: string | string[] | undefined },
    body: Buffer,
    method: string,
  ): Judgement
}

export function createPushKitState(): PushKitState {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 3072,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  // the file as downloaded holds its base64 on one long line
  const [first = '', ...rest] = privateKey.trim().split('\n')
  const oneLine = `${first}\n${rest.slice(0, -1).join('')}\n${rest.at(-1) ?? ''}\n`
  return {
    clientId: '109012345',
    projectId: '388421841222000001',
    keyId: 'KEYID0001',
    subAccount: '100000001',
    privateKey: oneLine,
    publicKey,
  }
}

const audience = 'https://oauth-login.cloud.huawei.com/oauth2/v3/token'
const maxBytes = 4096
const daySeconds = 86_400
const clockSeconds = 60

class Refusal extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export function createPushKit(state: PushKitState, phones: readonly Phone[], now: () => number): PushKit {
  const switches: PushKitSwitches = { ...honestPushKit }
  const publicKey = createPublicKey(state.publicKey)
  const byToken = new Map(phones.flatMap(phone => (phone.token === null ? [] : [[phone.token, phone]])))
  let window = { second: 0, tokens: 0 }

  const reply = (code: string, msg: string, act = () => {}): Judgement => ({
    status: switches.everythingHttp200 ? 200 : httpStatusOf(code),
    body: {
      code: switches.numericCodes ? Number(code) : code,
      msg,
      requestId: `${now()}${randomInt(100_000_000, 1_000_000_000)}`,
    },
    code,
    act,
  })

  const authorise = (header: string | string[] | undefined): void => {
    const jwt = /^Bearer (\S+)$/.exec(typeof header === 'string' ? header : '')?.[1]
    const [head = '', payload = '', signature = ''] = jwt?.split('.') ?? []
    const { alg, kid, typ } = decode(head)
    const { iss, aud, exp, iat } = decode(payload)
    const nowSeconds = now() / 1000
    if (alg !== 'PS256' || kid !== state.keyId || typ !== 'JWT' || iss !== state.subAccount || aud !== audience)
      throw new Refusal('80200001', 'Authentication Error.')
    const options = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    if (!verify('sha256', Buffer.from(`${head}.${payload}`), options, Buffer.from(signature, 'base64url')))
      throw new Refusal('80200001', 'Authentication Error.')
    if (typeof exp !== 'number' || typeof iat !== 'number' || iat > nowSeconds + clockSeconds)
      throw new Refusal('80200001', 'Authentication Error.')
    if (exp - iat > daySeconds) throw new Refusal('80300036', 'JWT expire period over threshold.')
    if (exp < nowSeconds) throw new Refusal('80200005', 'Jwt token expired.')
  }

  const spend = (tokens: number): boolean => {
    const second = Math.floor(now() / 1000)
    if (window.second !== second) window = { second, tokens: 0 }
    window.tokens += tokens
    return switches.tokensPerSecond !== null && window.tokens > switches.tokensPerSecond
  }

  /** Checks tokens, acts on the good ones, says which are not. */
  const withTokens = (tokens: unknown, partialCode: string, act: (phone: Phone) => void): Judgement => {
    if (!Array.isArray(tokens) || tokens.some(token => typeof token !== 'string'))
      throw new Refusal('80100003', 'Illegal payload, token is not a string array.')
    if (tokens.length === 0 || tokens.length > 1000)
      throw new Refusal('80300010', 'token count should within 1 and 1000.')
    if (spend(tokens.length)) return { status: 503, body: null, code: '503', act: () => {} }
    const illegal: string[] = tokens.slice(0, switches.rejectTokens)
    const good: Phone[] = []
    for (const token of new Set<string>(tokens.slice(illegal.length))) {
      const phone = byToken.get(token)
      if (phone === undefined) illegal.push(token)
      else good.push(phone)
    }
    const run = () => good.forEach(act)
    if (illegal.length === 0) return reply('80000000', 'Success', run)
    // blanks around the reason, as in the document's own sample
    const named = { illegalTokens: { ' tokenFormatError ': illegal } }
    if (good.length === 0) return reply('80300007', JSON.stringify({ failure: illegal.length, ...named }))
    return reply(partialCode, JSON.stringify({ ...named, success: good.length, failure: illegal.length }), run)
  }

  const revoke = (
    clientId: string,
    headers: { readonly [name: string]: string | string[] | undefined },
    body: { readonly [name: string]: unknown },
  ): Judgement => {
    if (clientId !== state.clientId) throw new Refusal('80300002', 'No permission to send message to these tmIDs.')
    if (headers['push-type'] !== '0' && headers['push-type'] !== '2')
      throw new Refusal('80100003', 'Illegal payload, The header does not contain valid push-type')
    const { notifyId, token, ...others } = body
    checkNotifyId(notifyId)
    checkSize({ notifyId, ...others })
    return withTokens(token, '80100020', phone => revokeByToken(phone, String(notifyId)))
  }

  const send = (
    projectId: string,
    headers: { readonly [name: string]: string | string[] | undefined },
    body: { readonly [name: string]: unknown },
  ): Judgement => {
    if (projectId !== state.projectId) throw new Refusal('80200001', 'Authentication Error.')
    if (headers['push-type'] !== '0')
      throw new Refusal('80100003', 'Illegal payload, The header does not contain valid push-type')
    const notification = objectOf(objectOf(body['payload'])['notification'])
    const { category, title, body: text, clickAction, notifyId } = notification
    for (const [name, value] of Object.entries({ category, title, body: text })) {
      if (typeof value !== 'string' || value === '')
        throw new Refusal('80100003', `Illegal payload, ${name} is required`)
    }
    if (!Number.isInteger(objectOf(clickAction)['actionType']))
      throw new Refusal('80100003', 'Illegal payload, clickAction.actionType is required')
    checkNotifyId(notifyId)
    const { target, ...others } = body
    checkSize(others)
    const notice = { key: String(notifyId), title: String(title), body: String(text) }
    return withTokens(objectOf(target)['token'], '80100000', phone => overlayToken(phone, notice.key, notice))
  }

  return {
    switches,
    push: ({ notifyId, tokens, title, body }) => {
      for (const token of new Set(tokens)) {
        const phone = byToken.get(token)
        if (phone !== undefined) deliver(phone, { key: String(notifyId), title, body })
      }
    },
    judge: (path, headers, body, method) => {
      const [, version, id = '', verb] = /^\/(v1|v3)\/([^/]+)\/messages:(revoke|send)$/.exec(path) ?? []
      const route = version === 'v1' && verb === 'revoke' ? revoke : version === 'v3' && verb === 'send' ? send : null
      if (route === null || method !== 'POST') return { status: 404, body: null, code: '404', act: () => {} }
      try {
        authorise(headers['authorization'])
        return route(id, headers, objectOf(parse(body)))
      } catch (error) {
        if (error instanceof Refusal) return reply(error.code, error.message)
        throw error
      }
    },
  }
}

function checkNotifyId(notifyId: unknown): void {
  if (typeof notifyId !== 'number' || !Number.isInteger(notifyId) || notifyId < 0 || notifyId > 2_147_483_647) {
    throw new Refusal('80100003', 'Illegal payload, notifyId is invalid')
  }
}

function checkSize(withoutTokens: object): void {
  if (Buffer.byteLength(JSON.stringify(withoutTokens)) > maxBytes)
    throw new Refusal('80300008', 'Push message size is too long.')
}

/** The pairing is not documented; this is the likeliest reading of the tables. */
function httpStatusOf(code: string): number {
  if (['80000000', '80100000', '80100020'].includes(code)) return 200
  if (code.startsWith('802')) return 401
  return code === '80000001' || code === '81000001' ? 500 : 400
}

function decode(part: string): { readonly [name: string]: unknown } {
  try {
    return objectOf(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')))
  } catch {
    return {}
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new Refusal('80100001', 'Check Parameter Error.')
  }
}

function objectOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: unknown })
    : {}
}

/** A world of stand-ins and phones in this process, with a clock of its own, and callers that sign as a vendor wants it. */
import { constants, createHmac, createPrivateKey, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { commonSwitches, noStrike, type Strike } from '../../sandbox/faults.ts'
import { createFleet, type Fleet } from '../../sandbox/fleet.ts'
import type { Phone } from '../../sandbox/phone.ts'
import type { SandboxOptions } from '../../sandbox/sandbox.ts'
import { honest } from '../../sandbox/switch.ts'
import { phones as harmonyPhones } from '../../sandbox/vendors/huawei/phones.ts'
import { switches as pushKitSwitches } from '../../sandbox/vendors/huawei/switches.ts'
import { phones as tpnsPhones } from '../../sandbox/vendors/tpns/phones.ts'
import { switches as tpnsSwitches } from '../../sandbox/vendors/tpns/switches.ts'
import { createTestSandbox, type TestSandbox, withoutLatency } from '../support/sandbox.ts'
import type { Judgement } from '../../sandbox/vendors/judgement.ts'
import { createPushKitState, type PushKitState } from '../../sandbox/vendors/huawei/state.ts'
import { createPushKit } from '../../sandbox/vendors/huawei/api.ts'
import { createTpnsState, type TpnsAppName } from '../../sandbox/vendors/tpns/state.ts'
import { createTpns } from '../../sandbox/vendors/tpns/api.ts'

export interface Headers {
  readonly [name: string]: string
}

/** Sign of a TPNS request: hex first, then Base64 of the hex. */
export function signTpns(secretKey: string, timestamp: string, accessId: string, body: string | Buffer): string {
  const hex = createHmac('sha256', secretKey)
    .update(timestamp + accessId)
    .update(body)
    .digest('hex')
  return Buffer.from(hex).toString('base64')
}

export interface JwtChanges {
  readonly header?: object
  readonly payload?: object
  readonly saltLength?: number
  readonly key?: string
}

export function signJwt(
  account: Pick<PushKitState, 'keyId' | 'subAccount' | 'privateKey'>,
  nowMs: number,
  { header = {}, payload = {}, saltLength = 32, key = account.privateKey }: JwtChanges = {},
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(nowMs / 1000)
  const aud = 'https://oauth-login.cloud.huawei.com/oauth2/v3/token'
  const claims = { aud, iss: account.subAccount, iat, exp: iat + 3600, ...payload }
  const input = `${part({ kid: account.keyId, typ: 'JWT', alg: 'PS256', ...header })}.${part(claims)}`
  const options = { key: createPrivateKey(key), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  return `${input}.${sign('sha256', Buffer.from(input), options).toString('base64url')}`
}

/** The same credentials in every world: making a key takes a while. */
const pushKitCredentials = createPushKitState()

export function createWorld(fleet: Fleet = createFleet([...tpnsPhones, ...harmonyPhones])) {
  const clock = { nowMs: 1_795_000_000_000 }
  const now = (): number => clock.nowMs
  const common = honest(commonSwitches)
  const switches = {
    tpns: { ...common, ...honest(tpnsSwitches) },
    pushKit: { ...common, ...honest(pushKitSwitches) },
  }
  const tpnsState = createTpnsState()
  const pushKitState = structuredClone(pushKitCredentials)
  const tpns = createTpns(tpnsState, switches.tpns, fleet, now)
  const pushKit = createPushKit(pushKitState, switches.pushKit, fleet, now)

  /** What the vendor would answer; nothing is done yet. */
  const judgeTpns = (
    path: string,
    body: object | string | Buffer,
    { app = 'news-android', headers = {} }: { app?: TpnsAppName; headers?: Headers } = {},
  ): Judgement => {
    const { accessId, secretKey } = tpnsState.apps[app]
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const timestamp = String(Math.floor(now() / 1000))
    return tpns.judge({
      method: 'POST',
      path,
      query: new URLSearchParams(),
      headers: {
        'content-type': 'application/json',
        accessid: accessId,
        timestamp,
        sign: signTpns(secretKey, timestamp, accessId, bytes),
        ...headers,
      },
      body: bytes,
    })
  }
  const callTpns = (...request: Parameters<typeof judgeTpns>): Judgement => {
    const judgement = judgeTpns(...request)
    judgement.act()
    return judgement
  }

  const callPushKit = (
    path: string,
    body: object | string,
    { headers = {}, jwt = {}, struck = noStrike }: { headers?: Headers; jwt?: JwtChanges; struck?: Strike } = {},
  ): Judgement => {
    const authorization = `Bearer ${signJwt(pushKitState, now(), jwt)}`
    const judgement = pushKit.judge(
      {
        method: 'POST',
        path,
        query: new URLSearchParams(),
        headers: { 'content-type': 'application/json', 'push-type': '0', authorization, ...headers },
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      },
      struck,
    )
    judgement.act()
    return judgement
  }

  /** The first of a group that is online with a living app, unless told otherwise. */
  const phone = (group: string, { online = true, alive = true } = {}): Phone => {
    const found = fleet.ofGroup(group).find(one => one.online === online && one.alive === alive)
    if (found === undefined) throw new Error(`no such phone in ${group}`)
    return found
  }

  return {
    clock,
    now,
    fleet,
    switches,
    tpnsState,
    pushKitState,
    tpns,
    pushKit,
    judgeTpns,
    callTpns,
    callPushKit,
    phone,
    revokePath: `/v1/${pushKitState.clientId}/messages:revoke`,
    sendPath: `/v3/${pushKitState.projectId}/messages:send`,
  }
}
export type World = ReturnType<typeof createWorld>

/** Titles of what a phone shows, newest first; what was opened has a star. */
export function titlesOf({ notices }: Phone): string[] {
  return notices
    .filter(({ state }) => state !== 'cleared')
    .map(({ title, state }) => (state === 'clicked' ? `${title}*` : title))
}

export interface Running {
  readonly url: string
  readonly sandbox: TestSandbox
  close(): Promise<void>
}

/** A sandbox behind a real port. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Running> {
  const sandbox = createTestSandbox(options)
  withoutLatency(sandbox)
  await sandbox.listen()
  const server: Server = createServer((request, response) => {
    void sandbox.handle(request, response).then(known => known || response.writeHead(404).end())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sandbox,
    close: async () => {
      sandbox.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

interface TpnsSecret {
  readonly accessId: string
  readonly secretKey: string
  readonly endpoint: string
}
interface HuaweiSecret {
  readonly clientId: string
  readonly endpoint: string
  readonly serviceAccount: { readonly key_id: string; readonly private_key: string; readonly sub_account: string }
}

/** Vendor calls over HTTP, with nothing but what the secrets say. */
export function callersOf({ sandbox, url }: Pick<Running, 'sandbox' | 'url'>) {
  const secrets = sandbox.secrets(url)
  const tpns = (app: TpnsAppName, path: string, body: object): Promise<Response> => {
    const { accessId, secretKey, endpoint } = secrets[`unpush/apps/${app}`] as TpnsSecret
    const text = JSON.stringify(body)
    const timestamp = String(Math.floor(Date.now() / 1000))
    const headers = {
      'content-type': 'application/json',
      AccessId: accessId,
      TimeStamp: timestamp,
      Sign: signTpns(secretKey, timestamp, accessId, text),
    }
    return fetch(endpoint + path, { method: 'POST', headers, body: text })
  }
  const revoke = (notifyId: number, tokens: readonly string[]): Promise<Response> => {
    const { clientId, endpoint, serviceAccount } = secrets['unpush/apps/news-harmony'] as HuaweiSecret
    const account = {
      keyId: serviceAccount.key_id,
      subAccount: serviceAccount.sub_account,
      privateKey: serviceAccount.private_key,
    }
    const authorization = `Bearer ${signJwt(account, Date.now())}`
    return fetch(`${endpoint}/v1/${clientId}/messages:revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'push-type': '0', authorization },
      body: JSON.stringify({ notifyId, token: tokens }),
    })
  }
  return { tpns, revoke }
}

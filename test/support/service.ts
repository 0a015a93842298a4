/** The whole service in this process, as `npm start` runs it: gateway, sandbox vendors, ledger; no timers of its own. */
import { randomBytes } from 'node:crypto'
import { type TrailCheck, verifyTrail } from '../../shared/audit/verify.ts'
import { readConfig } from '../../shared/config.ts'
import { createLog } from '../../shared/log.ts'
import { provideSandboxSecrets } from '../../shared/secrets/sandbox.ts'
import { createDemoKeys, demoAccess, type DemoKeys } from '../../sandbox/demo.ts'
import { type Gateway, startGateway } from '../../sandbox/gateway.ts'
import { packSnapshot } from '../../sandbox/ledger-snapshot.ts'
import type { StandIn } from '../../sandbox/vendors/stand-in.ts'
import { takeEngine } from './engines.ts'
import { createTestSandbox, type TestSandbox, withoutLatency } from './sandbox.ts'
import { createGuardedPost } from '../../shared/webhooks/guarded-post.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers member by member
  readonly body: any
}

export interface Service {
  readonly url: string
  readonly keys: DemoKeys
  readonly sandbox: TestSandbox
  /** Its `fire` waits for whatever runs beside it. */
  readonly gateway: Gateway
  /** Everything the log wrote. */
  readonly logged: string[]
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Reply>
  /** The audit trail as `verify-audit` finds it, with the key of the service. Not for tests that write the ledger themselves. */
  trail(): Promise<TrailCheck>
  /** Rejects, closed, where that is not whole: something was done that the trail does not tell of, or not truly. */
  closeWhole(): Promise<void>
  close(): Promise<void>
}

export interface CallOptions {
  readonly role?: keyof DemoKeys | null
  readonly headers?: { readonly [name: string]: string }
  /** Sent as it is, instead of JSON. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
}

interface Documents {
  readonly [name: string]: unknown
}

export interface ServiceOptions {
  readonly ledgerUrl?: string
  /** The vendors of the sandbox: TPNS and Huawei where none are given. */
  readonly standIns?: readonly StandIn[]
  /** Beside the demo apps and keys, or in their place; may be made from those. */
  readonly secrets?: Documents | ((demo: Documents) => Documents)
  /** As the gateway's: what a code for signing in stands for. */
  readonly redeem?: (keys: DemoKeys, code: string) => string | null
  /** Subscribers on this machine are allowed. */
  readonly localSubscribers?: boolean
  /** `sweep` makes the daily check of each app's credential: calls that no recall has asked for. */
  readonly dailyChecks?: boolean
  /** Of the audit trail, where the ledger goes on with what another service wrote. */
  readonly macKey?: Buffer
}

/** Tests ask for more than people do, and alone. */
const unlimited = {
  approvalAbove: null,
  limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null },
}

export async function startService({
  ledgerUrl = 'pglite:memory',
  standIns,
  secrets = {},
  redeem,
  localSubscribers = false,
  dailyChecks = false,
  macKey = randomBytes(32),
}: ServiceOptions = {}): Promise<Service> {
  const sandbox = createTestSandbox(standIns === undefined ? {} : { standIns })
  withoutLatency(sandbox)
  await sandbox.listen()
  const keys = createDemoKeys()
  const logged: string[] = []
  let origin = ''
  provideSandboxSecrets(() => {
    const demo = {
      ...sandbox.secrets(origin),
      'unpush/access': demoAccess(keys),
      'unpush/policy': unlimited,
      'unpush/audit-mac': { key: macKey.toString('hex') },
    }
    return { ...demo, ...(typeof secrets === 'function' ? secrets(demo) : secrets) }
  })
  const config = { ...readConfig({}), port: 0, ledgerUrl, timers: false }
  const gateway = await startGateway({
    config,
    log: createLog({ stream: { write: line => logged.push(line) } }),
    ...(ledgerUrl === 'pglite:memory' ? { ledger: await takeEngine() } : { snapshot: await packSnapshot() }),
    aside: (request, response) => sandbox.handle(request, response),
    onListening: url => (origin = url),
    ...(redeem === undefined ? {} : { redeem: (code: string) => redeem(keys, code) }),
    ...(localSubscribers ? { post: createGuardedPost({ allowLoopback: true }) } : {}),
  })
  if (!dailyChecks) {
    // as if they had been made just now
    await gateway.runtime.ledger.query(
      `insert into finding (name, subject, value)
       select 'check', a, '{"ok":null,"since":null}' from json_array_elements_text($1::text::json) a on conflict do nothing`,
      [JSON.stringify(await gateway.runtime.apps.names())],
    )
  }
  const trail = async () => {
    await gateway.runtime.sealer.now()
    return verifyTrail(gateway.runtime.ledger, { macKeys: [macKey] })
  }
  const close = async () => {
    sandbox.close()
    await gateway.close()
  }
  // A run may find that another, which a request has kicked off, holds the work already, and end before it: who looks at the ledger then
  // looks at work that is half done.
  const fire = async (name: string) => {
    await gateway.fire(name)
    await gateway.quiet()
  }
  return {
    url: gateway.url,
    keys,
    sandbox,
    gateway: { ...gateway, fire },
    logged,
    call: async (method, path, body, { role = 'operator', headers = {}, raw } = {}) => {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const reply = await fetch(gateway.url + path, {
        method,
        headers: {
          ...(role === null ? {} : { authorization: `Bearer ${keys[role]}` }),
          ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(sent === undefined ? {} : { body: sent }),
      })
      const text = await reply.text()
      return { status: reply.status, headers: reply.headers, text, body: parsed(text) }
    },
    trail,
    closeWhole: async () => {
      const found = await trail()
      await close()
      if (found.kind !== 'whole') throw new Error(`the audit trail is not whole: ${JSON.stringify(found)}`)
    },
    close,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Phones of a channel or model that now show the key untouched. */
export function showing(sandbox: TestSandbox, name: string, key: string): number {
  return sandbox.phones.filter(
    phone =>
      (phone.model ?? phone.channel) === name &&
      phone.notices.some(notice => notice.key === key && notice.state === 'shown'),
  ).length
}

export function online(sandbox: TestSandbox, name: string): number {
  return sandbox.phones.filter(phone => (phone.model ?? phone.channel) === name && phone.online).length
}

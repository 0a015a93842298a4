/**
 * The functions of Unpush: what is deployed, what the local gateway runs, what OpenAPI describes and what the access
 * matrix allows. `serverless.yml` repeats the triggers for the Serverless CLI; a test holds the two together.
 */
import type { IdKind } from './ids.ts'

export type Role = 'sender' | 'viewer' | 'operator' | 'approver' | 'admin'
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface Route {
  readonly method: Method
  /** `{name}` stands for one segment, an id. */
  readonly path: string
  /** What each `{name}` of the path is an id of. A path that leaves one out does not compile (`UntoldPaths`). */
  readonly ids?: { readonly [name: string]: IdKind }
  /** The right the caller needs; null: none. */
  readonly right: Right | null
  /** Against `limits.requestsPerMinute`; default: one of `reads` for GET, else one of `writes`. */
  readonly counts?: { readonly as: 'reads' | 'writes' | 'tokens' | 'recalls'; readonly cost?: number }
}

/**
 * Who may reach a function and what it works on decide which secrets and which database user it has: `public` asks nobody
 * who they are and changes nothing, `workers` are fired by timers, `api` is the rest.
 */
export type FunctionClass = 'public' | 'api' | 'workers'

export interface FunctionEntry {
  readonly class: FunctionClass
  /** Every request below these prefixes belongs to the function, so that one domain can route to all of them. */
  readonly prefixes: readonly string[]
  readonly routes: readonly Route[]
  /** Seven-field cron (seconds first), as Tencent SCF writes it; null: no timer. */
  readonly timer: string | null
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /**
   * Of what anybody may ask: requests a second, and instances at once, each of which may hold 4 connections to the ledger.
   * What is beyond is refused by the platform, where it can. Null: callers have limits of their own.
   */
  readonly throttle: { readonly perSecond: number; readonly instances: number } | null
  /**
   * Every secret that it reads beside that of its database user, `*` for an id: what its role in the cloud lets it read. A test
   * holds it to what is read.
   */
  readonly secrets: readonly string[]
}

/** Who knows callers, what they may do and how much of it. */
const callers = ['unpush/access', 'unpush/policy'] as const
/** A role of an access token may name apps by how their names begin. */
const appNames = ['unpush/apps'] as const
/** Plans need an app's vendor and options, requests to vendors its keys: one document holds both. */
const apps = ['unpush/apps', 'unpush/apps/*'] as const
/** What is done is signed. */
const signing = ['unpush/audit-mac'] as const

/** What a role may do. `operator` is viewer and sender too; `admin` reads everything, pauses, and starts nothing. */
export type Right = 'self' | 'ask' | 'send' | 'read' | 'operate' | 'decide' | 'audit' | 'pause'
/** `self`: to hear who one is · `ask`: to hear, before something is sent, whether it would be taken back. */
export const rightsOf: { readonly [R in Role]: readonly Right[] } = {
  sender: ['self', 'ask', 'send'],
  viewer: ['self', 'ask', 'read'],
  operator: ['self', 'ask', 'send', 'read', 'operate'],
  approver: ['self', 'ask', 'read', 'decide'],
  admin: ['self', 'ask', 'read', 'audit', 'pause'],
}

const everyMinute = '0 */1 * * * * *'

export const functions = {
  messages: {
    class: 'api',
    prefixes: ['/v1/messages', '/v1/holds'],
    routes: [
      { method: 'POST', path: '/v1/messages', right: 'send' },
      { method: 'GET', path: '/v1/messages', right: 'read' },
      { method: 'GET', path: '/v1/messages/{id}', ids: { id: 'message' }, right: 'read' },
      { method: 'GET', path: '/v1/messages/{id}/plan', ids: { id: 'message' }, right: 'read' },
      { method: 'PATCH', path: '/v1/messages/{id}', ids: { id: 'message' }, right: 'send' },
      {
        method: 'POST',
        path: '/v1/messages/{id}/tokens',
        ids: { id: 'message' },
        right: 'send',
        counts: { as: 'tokens' },
      },
      { method: 'GET', path: '/v1/holds', right: 'ask' },
    ],
    timer: null,
    timeoutSeconds: 30,
    memoryMb: 256,
    throttle: null,
    secrets: [...callers, ...apps, ...signing],
  },
  stop: recallFunction('stop'),
  revoke: recallFunction('revoke'),
  overlay: {
    ...recallFunction('overlay'),
    prefixes: ['/v1/overlay', '/v1/corrections'],
    routes: [
      ...recallFunction('overlay').routes,
      { method: 'POST', path: '/v1/corrections', right: 'operate', counts: { as: 'recalls' } },
    ],
  },
  recalls: {
    class: 'api',
    prefixes: ['/v1/recalls'],
    routes: [
      { method: 'GET', path: '/v1/recalls', right: 'read' },
      { method: 'GET', path: '/v1/recalls/{id}', ids: { id: 'recall' }, right: 'read' },
      { method: 'GET', path: '/v1/recalls/{id}/events', ids: { id: 'recall' }, right: 'read' },
      { method: 'POST', path: '/v1/recalls/{id}/approve', ids: { id: 'recall' }, right: 'decide' },
      { method: 'POST', path: '/v1/recalls/{id}/decline', ids: { id: 'recall' }, right: 'decide' },
      { method: 'POST', path: '/v1/recalls/{id}/review', ids: { id: 'recall' }, right: 'decide' },
      { method: 'POST', path: '/v1/recalls/{id}/cancel', ids: { id: 'recall' }, right: 'operate' },
      { method: 'POST', path: '/v1/recalls/{id}/retry', ids: { id: 'recall' }, right: 'operate' },
    ],
    timer: null,
    timeoutSeconds: 30,
    memoryMb: 256,
    throttle: null,
    secrets: [...callers, ...apps, ...signing],
  },
  status: {
    class: 'api',
    prefixes: ['/v1/status'],
    routes: [{ method: 'GET', path: '/v1/status', right: 'read' }],
    timer: null,
    timeoutSeconds: 30,
    memoryMb: 256,
    throttle: null,
    secrets: [...callers, ...apps],
  },
  capabilities: {
    class: 'api',
    prefixes: ['/v1/capabilities'],
    routes: [{ method: 'GET', path: '/v1/capabilities', right: 'read' }],
    timer: null,
    timeoutSeconds: 10,
    memoryMb: 256,
    throttle: null,
    secrets: [...callers, ...apps],
  },
  moderation: {
    class: 'api',
    prefixes: ['/v1/webhooks'],
    // the delivery's own signature is its credential
    routes: [{ method: 'POST', path: '/v1/webhooks/{endpoint}', ids: { endpoint: 'endpoint' }, right: null }],
    timer: null,
    timeoutSeconds: 10,
    memoryMb: 256,
    throttle: { perSecond: 1200, instances: 40 },
    secrets: ['unpush/policy', ...apps, ...signing, 'unpush/webhooks', 'unpush/webhooks/*'],
  },
  deliveries: {
    class: 'api',
    prefixes: ['/v1/verdicts', '/v1/deliveries', '/v1/subscribers'],
    routes: [
      { method: 'GET', path: '/v1/verdicts', right: 'read' },
      { method: 'GET', path: '/v1/verdicts/{id}', ids: { id: 'verdict' }, right: 'read' },
      { method: 'GET', path: '/v1/deliveries', right: 'read' },
      { method: 'GET', path: '/v1/deliveries/{id}', ids: { id: 'delivery' }, right: 'read' },
      { method: 'GET', path: '/v1/subscribers', right: 'read' },
      // each is a request to somebody else's server
      {
        method: 'POST',
        path: '/v1/deliveries/{id}/replay',
        ids: { id: 'delivery' },
        right: 'operate',
        counts: { as: 'writes', cost: 20 },
      },
    ],
    timer: null,
    timeoutSeconds: 30,
    memoryMb: 256,
    throttle: null,
    secrets: [...callers, ...appNames, ...signing],
  },
  audit: {
    class: 'api',
    prefixes: ['/v1/audit', '/v1/pauses'],
    routes: [
      { method: 'GET', path: '/v1/audit', right: 'audit' },
      { method: 'GET', path: '/v1/audit/head', right: 'audit' },
      { method: 'GET', path: '/v1/pauses', right: 'pause' },
      { method: 'POST', path: '/v1/pauses', right: 'pause' },
      { method: 'DELETE', path: '/v1/pauses/{id}', ids: { id: 'pause' }, right: 'pause' },
    ],
    timer: null,
    timeoutSeconds: 30,
    memoryMb: 256,
    throttle: null,
    secrets: [...callers, ...appNames, ...signing],
  },
  metrics: {
    class: 'api',
    prefixes: ['/v1/metrics', '/v1/health', '/v1/me', '/v1/summary'],
    routes: [
      { method: 'GET', path: '/v1/me', right: 'self' },
      { method: 'GET', path: '/v1/summary', right: 'read' },
      { method: 'GET', path: '/v1/metrics', right: 'read' },
      { method: 'GET', path: '/v1/health', right: 'read' },
      // each is a request to every vendor
      { method: 'POST', path: '/v1/health/check', right: 'operate', counts: { as: 'writes', cost: 20 } },
    ],
    timer: null,
    timeoutSeconds: 30,
    memoryMb: 256,
    throttle: null,
    secrets: [...callers, ...apps, 'unpush/webhooks'],
  },
  expire: {
    class: 'workers',
    prefixes: [],
    routes: [],
    timer: everyMinute,
    timeoutSeconds: 60,
    memoryMb: 256,
    throttle: null,
    secrets: ['unpush/policy', ...apps, ...signing],
  },
  sweep: {
    class: 'workers',
    prefixes: [],
    routes: [],
    timer: everyMinute,
    timeoutSeconds: 120,
    memoryMb: 512,
    throttle: null,
    secrets: [
      'unpush/policy',
      ...apps,
      ...signing,
      'unpush/audit-key',
      'unpush/subscribers',
      'unpush/subscribers/*',
      'unpush/webhooks',
      'unpush/webhooks/*',
    ],
  },
  discover: {
    class: 'workers',
    prefixes: [],
    routes: [],
    timer: '0 */5 * * * * *',
    timeoutSeconds: 120,
    memoryMb: 256,
    throttle: null,
    secrets: [...apps],
  },
  dashboard: {
    class: 'public',
    prefixes: ['/'],
    routes: [
      { method: 'GET', path: '/', right: null },
      { method: 'GET', path: '/assets/{file}', ids: { file: 'file' }, right: null },
      { method: 'GET', path: '/config.json', right: null },
      { method: 'GET', path: '/openapi.json', right: null },
      { method: 'GET', path: '/docs', right: null },
      { method: 'GET', path: '/livez', right: null },
      { method: 'GET', path: '/readyz', right: null },
    ],
    timer: null,
    timeoutSeconds: 10,
    memoryMb: 256,
    throttle: { perSecond: 100, instances: 5 },
    secrets: [...callers, 'unpush/webhooks'],
  },
} as const satisfies { readonly [name: string]: FunctionEntry }

export type FunctionName = keyof typeof functions

type NamesIn<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never
type Untold<R> = R extends { readonly path: infer Path }
  ? NamesIn<Path> extends (R extends { readonly ids: infer Ids } ? keyof Ids : never)
    ? never
    : Path
  : never
/** Paths with a parameter of which `ids` does not say what it is: there must be none. */
type UntoldPaths = Untold<(typeof functions)[FunctionName]['routes'][number]>
true satisfies [UntoldPaths] extends [never] ? true : UntoldPaths

function recallFunction<O extends 'stop' | 'revoke' | 'overlay'>(operation: O) {
  return {
    class: 'api',
    prefixes: [`/v1/${operation}`],
    routes: [{ method: 'POST', path: `/v1/${operation}`, right: 'operate', counts: { as: 'recalls' } }],
    timer: null,
    timeoutSeconds: 30,
    memoryMb: 256,
    throttle: null,
    secrets: [...callers, ...apps, ...signing],
  } as const
}

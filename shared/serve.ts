/** The one way in: routing inside a function, access, input, problems, log. A function says what its routes do. */
import { makePrincipal, type Principal } from './access/access.ts'
import { callerOf } from './access/caller.ts'
import { senderOf } from './access/refusals.ts'
import { IssuerUnavailable } from './access/issuer-unavailable.ts'
import { Problem, problemBody } from './errors.ts'
import { unlessKnown } from './etag.ts'
import { type FunctionEntry, type FunctionName, functions, type Route } from './functions.ts'
import { idForms, newId } from './ids.ts'
import { isOutage } from './ledger/sql.ts'
import type { Log } from './log.ts'
import { platformHandler } from './platform/envelope.ts'
import type { ApiRequest, ApiResponse, Invocation } from './platform/request.ts'
import { readBody, readQuery } from './request-input.ts'
import { isPaused, paused } from './recall/paused.ts'
import { processLog, type Runtime, runtime } from './runtime.ts'
import { SecretError } from './secrets/secrets.ts'
import { createTally, type Tally } from './tally.ts'
import { noteTrouble } from './trouble.ts'
import type { ZodMiniType } from 'zod/mini'

export interface Context extends Runtime {
  readonly request: ApiRequest
  readonly invocation: Invocation
  readonly requestId: string
  /** The path as the route writes it, ids filled in: the same for every spelling (`/v1/revoke/`) of one address. */
  readonly path: string
  /** `{id}` of the path, decoded; each has the form that the route's `ids` name. */
  readonly params: { readonly [name: string]: string }
  /** Epoch milliseconds when the request came in. */
  readonly startedAtMs: number
  /** Reads the JSON body with a schema; problems name the member. */
  body<T>(schema: ZodMiniType<T>): T
  /** Reads the query with a schema; a repeated or unknown name is a problem. */
  query<T>(schema: ZodMiniType<T>): T
}

/** A context whose caller is known: every route with a right. */
export interface SignedContext extends Context {
  readonly principal: Principal
}

type RouteOf<N extends FunctionName> = (typeof functions)[N]['routes'][number]
type RouteKey<R> = R extends Route ? `${R['method']} ${R['path']}` : never

/** A handler for every route that the function table gives the function, and for no other. */
export type Routes<N extends FunctionName> = {
  readonly [K in RouteKey<RouteOf<N>>]: (context: SignedContext) => Promise<ApiResponse>
}

/** A context without a caller, and without anything opened: it must answer while the ledger is away. */
export interface PublicContext {
  readonly request: ApiRequest
  readonly requestId: string
  /** `{file}` of the path, decoded. */
  readonly params: { readonly [name: string]: string }
  readonly runtime: () => Promise<Runtime>
}

export type PublicRoutes<N extends FunctionName> = {
  readonly [K in RouteKey<RouteOf<N>>]: (context: PublicContext) => Promise<ApiResponse>
}

export type MainHandler = (event: unknown, context: unknown) => Promise<unknown>

/** A function behind HTTP: its handler for every platform. */
export function serve<N extends FunctionName>(name: N, routes: Routes<N>): MainHandler {
  const entry: FunctionEntry = functions[name]
  const handlers: { readonly [key: string]: (context: SignedContext) => Promise<ApiResponse> } = routes
  return platformHandler({
    request: async (request, invocation) => {
      const startedAtMs = Date.now()
      const requestId = newId('req', startedAtMs)
      let log: Log | null = null
      let tally = ownTally
      let answer: ApiResponse
      let actor: string | null = null
      let route: Route | null = null
      if (request.method === 'OPTIONS') return preflight(entry, request)
      try {
        const matched = match(entry.routes, request)
        route = matched.route
        const shared = await runtime(entry.class)
        log = shared.log.with({ request_id: requestId })
        tally = shared.tally
        tally.tell()
        const context: Context = {
          ...shared,
          log,
          request,
          invocation,
          requestId,
          path: route.path.replace(/\{(\w+)\}/g, (_, name) => matched.params[name] ?? ''),
          params: matched.params,
          startedAtMs,
          body: schema => readBody(request, schema),
          query: schema => readQuery(request.query, schema),
        }
        const principal = route.right === null ? nobody() : await callerOf(shared, request, route)
        actor = principal.id
        if (route.right !== null && !principal.may(route.right)) {
          throw new Problem(
            'forbidden',
            `The role of this caller (${principal.roles.join(', ') || 'none'}) does not allow ${route.method} ${route.path}.`,
          )
        }
        if (route.right !== null) await shared.limits.request(principal, route, request.query)
        checkIds(route, matched.params)
        await refusePaused(shared, route, principal)
        const handle = handlers[`${route.method} ${route.path}`]
        if (handle === undefined) throw new Error(`no handler for ${route.method} ${route.path}`)
        answer = await handle({ ...context, principal })
        // what a page asks for every few seconds is seldom another
        if (route.method === 'GET' && answer.status === 200) answer = unlessKnown(request, answer)
      } catch (error) {
        const problem = problemOf(error)
        noteFailure(problem, error, log ?? processLog.with({ request_id: requestId }), tally)
        answer = problemAnswer(problem, requestId)
      }
      answer = {
        ...answer,
        headers: { ...alwaysSent(requestId), ...(await corsHeaders(entry, request)), ...answer.headers },
      }
      // refused credentials have lines of their own, which a flood cannot multiply
      if (!isRefused(route, answer))
        log?.info('request', {
          ...senderOf(request),
          route: route?.path ?? null,
          method: request.method,
          status: answer.status,
          duration_ms: Date.now() - startedAtMs,
          actor,
          coldstart: invocation.coldStart,
          remaining_ms: invocation.remainingMs(),
        })
      return answer
    },
  })
}

/** A function behind HTTP that asks nobody who they are. */
export function servePublic<N extends FunctionName>(name: N, routes: PublicRoutes<N>): MainHandler {
  const entry: FunctionEntry = functions[name]
  const handlers: { readonly [key: string]: (context: PublicContext) => Promise<ApiResponse> } = routes
  return platformHandler({
    request: async request => {
      const requestId = newId('req')
      let answer: ApiResponse
      try {
        const { route, params } = match(entry.routes, request)
        checkIds(route, params)
        const handle = handlers[`${route.method} ${route.path}`]
        if (handle === undefined) throw new Error(`no handler for ${route.method} ${route.path}`)
        answer = await handle({ request, requestId, params, runtime: () => runtime(entry.class) })
      } catch (error) {
        const problem = problemOf(error)
        noteFailure(problem, error, processLog.with({ request_id: requestId }), ownTally)
        answer = problemAnswer(problem, requestId)
      }
      return { ...answer, headers: { ...alwaysSent(requestId), ...answer.headers } }
    },
  })
}

export function json(status: number, body: unknown, headers: ApiResponse['headers'] = {}): ApiResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  }
}

/** Made where it is needed: what only has timers is deployed without any of it. */
const nobody = (): Principal => makePrincipal({ id: 'nobody', person: null, owner: 'nobody', expiresAt: null }, [])

/**
 * A key or person that is paused changes nothing. Routes that admit recalls read pauses with the facts of what they admit, and
 * need no look of their own.
 */
async function refusePaused(shared: Runtime, { right, counts }: Route, { id, person }: Principal): Promise<void> {
  if (counts?.as === 'recalls' || (right !== 'send' && right !== 'operate' && right !== 'decide')) return
  const pause = (await shared.pauses()).find(one => isPaused(one, id, person))
  if (pause !== undefined) throw paused(pause)
}

function match(routes: readonly Route[], request: ApiRequest): { route: Route; params: { [name: string]: string } } {
  const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path
  // RFC 9110 §9.3.2: wherever GET is answered; the platform leaves the body out
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const allowed: string[] = []
  for (const route of routes) {
    const params = matchPath(route.path, path)
    if (params === null) continue
    if (route.method === method) return { route, params }
    allowed.push(route.method)
  }
  if (allowed.length === 0) throw new Problem('not-found', 'There is nothing at this path.')
  const allow = allowed.join(', ')
  throw new Problem('method-not-allowed', `This path takes ${allow}.`, { headers: { allow } })
}

function matchPath(pattern: string, path: string): { [name: string]: string } | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: { [name: string]: string } = {}
  for (const [index, part] of wanted.entries()) {
    const segment = given[index] ?? ''
    if (!part.startsWith('{')) {
      if (part !== segment) return null
      continue
    }
    try {
      params[part.slice(1, -1)] = decodeURIComponent(segment)
    } catch {
      return null
    }
  }
  return params
}

/** Not-found for what cannot be an id, in the words of an id that is not there. */
function checkIds({ ids = {} }: Route, params: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(params)) {
    const kind = ids[name]
    if (kind === undefined) throw new Error(`nothing says what {${name}} is an id of`)
    if (!idForms[kind].test(value)) throw new Problem('not-found', `There is no such ${kind}.`)
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof IssuerUnavailable) {
    const detail = 'The keys of the issuer of access tokens cannot be had now. API keys work.'
    return new Problem('unavailable', detail, { headers: { 'retry-after': '5' }, cause: error })
  }
  if (error instanceof SecretError) {
    // the line names secrets and their members: it is for whoever reads the log
    const detail = 'A secret that Unpush needs cannot be used now. The log says which.'
    return new Problem('unavailable', detail, { headers: { 'retry-after': '5' }, cause: error })
  }
  if (isOutage(error)) {
    noteTrouble()
    // a connection lost at COMMIT leaves open whether it happened, so that no promise is made about it
    const detail =
      'The ledger cannot be reached now. Send the request again, with the same Idempotency-Key if it had one: it takes effect at most once.'
    return new Problem('unavailable', detail, { headers: { 'retry-after': '1' }, cause: error })
  }
  return new Problem('internal', 'A defect of Unpush: it is in the log under this request id.', { cause: error })
}

/** Where nothing could be opened. */
const ownTally = createTally(processLog)

function noteFailure(problem: Problem, error: unknown, log: Log, tally: Tally): void {
  if (problem.status < 500) return
  // what is wrong with a secret or with the issuer is wrong for everybody who asks, and anybody can ask
  if (error instanceof SecretError || error instanceof IssuerUnavailable)
    tally.note(error.message, 'request failed', { error }, 'error')
  else log.error('request failed', { error })
}

function isRefused(route: Route | null, { status }: ApiResponse): boolean {
  return status === 401 || (route?.right === null && status === 404)
}

function problemAnswer(problem: Problem, requestId: string): ApiResponse {
  return {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...problem.headers },
    body: JSON.stringify(problemBody(problem, requestId)),
  }
}

function alwaysSent(requestId: string): ApiResponse['headers'] {
  return { 'x-request-id': requestId, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
}

/** What a browser asks before it sends a request of the dashboard's origin; for every other origin nothing is allowed. */
async function preflight(entry: FunctionEntry, request: ApiRequest): Promise<ApiResponse> {
  const methods = [...new Set(entry.routes.map(({ method }) => method))].join(', ')
  const { 'access-control-expose-headers': _, ...cors } = await corsHeaders(entry, request)
  const allowed = {
    'access-control-allow-methods': methods,
    'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-none-match, prefer',
    'access-control-max-age': '600',
  }
  const headers = 'access-control-allow-origin' in cors ? { ...cors, ...allowed } : { allow: methods }
  return { status: 204, headers, body: '' }
}

/** Only where the dashboard lives on another host, and only for exactly that one. */
async function corsHeaders(entry: FunctionEntry, request: ApiRequest): Promise<ApiResponse['headers']> {
  const origin = request.headers['origin']
  if (origin === undefined) return {}
  const allowed = await runtime(entry.class).then(
    shared => shared.config.dashboardOrigin,
    () => null,
  )
  if (origin !== allowed) return {}
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed, vary: 'Origin' }
}

/** Of the headers that are not readable to scripts anyway, those that say something. */
const exposed = 'ETag, Location, Retry-After, X-Request-Id, Idempotent-Replayed, WWW-Authenticate'

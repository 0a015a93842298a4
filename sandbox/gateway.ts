/**
 * The local gateway: serverless.yml's functions behind one port, called as SCF would call them (a Function URL event in,
 * an envelope out), and their timers. What is deployed is what runs here.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Cron } from 'croner'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { withoutBasePath } from '../shared/base-path.ts'
import type { Config } from '../shared/config.ts'
import { Problem, problemBody } from '../shared/errors.ts'
import { newId } from '../shared/ids.ts'
import { migrate } from '../shared/ledger/migrate.ts'
import { openLedger } from '../shared/ledger/open.ts'
import type { Ledger } from '../shared/ledger/sql.ts'
import type { Log } from '../shared/log.ts'
import { encodeScfEvent } from '../shared/platform/scf-event.ts'
import { createRuntime, openSecretsOf, type Runtime, useRuntime } from '../shared/runtime.ts'
import type { MainHandler } from '../shared/serve.ts'
import { secretWarnings } from '../shared/secrets/warnings.ts'
import type { Post } from '../shared/webhooks/guarded-post.ts'

import { endingLedger } from './ending-ledger.ts'
import { admitLocal } from './loopback.ts'

export interface Gateway {
  readonly url: string
  readonly runtime: Runtime
  /** Fires a timer function and resolves when it has finished. */
  fire(name: string): Promise<void>
  /** Resolves when nothing runs that a timer, a kick or a request has begun behind it. */
  quiet(): Promise<void>
  /** Ends within two seconds; what is not finished is in the ledger. */
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly config: Config
  readonly log: Log
  /** Open already, in place of the one that the configuration names; closed with the gateway. */
  readonly ledger?: Ledger
  /** A packed ledger for a new PGlite folder. */
  readonly snapshot?: string
  /** Answers paths that are not the functions': the sandbox. Resolves with false for the rest. */
  readonly aside?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  /** Before any request is served and any timer fires. */
  readonly onListening?: (url: string) => void
  /** What a code that was printed at the start stands for: the key that it signs in with, once. Null: nothing, or not any more. */
  readonly redeem?: (code: string) => string | null
  /** Requests to subscribers, in place of those that reach no machine inside. */
  readonly post?: Post
}

interface Deployed {
  readonly name: string
  readonly handler: MainHandler
  readonly paths: readonly string[]
  readonly cron: string | null
  readonly timeoutMs: number
}

/** SCF and Lambda take 6 MB a request. */
const maxEventBytes = 6 * 1024 * 1024
const closeMs = 1200

export async function startGateway({
  config,
  log,
  ledger: given,
  snapshot,
  aside,
  onListening,
  redeem = () => null,
  post,
}: GatewayOptions): Promise<Gateway> {
  const deployed = await readFunctions()
  const url = config.ledgerUrl ?? 'pglite:memory'
  // one process serves many requests at once here, where a function serves one
  const ledger = endingLedger(
    given ?? (await openLedger(url, { connections: 10, ...(snapshot === undefined ? {} : { snapshot }) })),
  )
  const closing = new AbortController()
  const timers: Cron[] = []
  /** By what it does. */
  const running = new Map<Promise<void>, string>()
  const beating = new Set<string>()
  let kicking = false

  const call = async (name: string, event: object): Promise<void> => {
    const found = deployed.find(entry => entry.name === name && entry.cron !== null)
    if (found === undefined) throw new Problem('not-found', `There is no timer function ${name}.`)
    await found.handler(event, contextOf(found))
  }
  const fire = (name: string) =>
    call(name, { Type: 'Timer', TriggerName: name, Time: new Date().toISOString(), Message: '' })
  // the function has logged why it failed
  const quietly = (name: string, work: Promise<void>): void => {
    const run = work.catch(() => {}).finally(() => running.delete(run))
    running.set(run, name)
  }
  /** As the platform does, but for one: what still runs when its next minute comes is not begun again. */
  const fireQuietly = (name: string): void => {
    if (closing.signal.aborted || beating.has(name)) return
    beating.add(name)
    quietly(
      name,
      fire(name).finally(() => beating.delete(name)),
    )
  }
  /** As the platform does: each is another run, as many as sweep takes. One that has not begun stands for all until then. */
  const kick = async (): Promise<void> => {
    if (closing.signal.aborted || kicking) return
    kicking = true
    quietly(
      'sweep',
      (async () => {
        await new Promise(resolve => setImmediate(resolve))
        kicking = false
        if (!closing.signal.aborted) await call('sweep', {})
      })(),
    )
  }

  let server: Server | null = null
  try {
    await migrate(ledger)
    const secrets = openSecretsOf(config, log)
    const runtime = createRuntime(config, secrets, ledger, log, kick, post)
    const quiet = async (): Promise<void> => {
      // what ends may have kicked off more
      while (running.size > 0) await Promise.all(running.keys())
      await runtime.drainer.idle()
      await runtime.sealer.idle()
    }
    useRuntime(runtime)
    const listening = createServer((request, response) => {
      void serveRequest(request, response).catch((error: unknown) => {
        log.error('gateway failed', { error })
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
    })
    server = listening
    const serveRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const path = (request.url ?? '/').split('?')[0] ?? '/'
      if (path === '/_local' || path.startsWith('/_local/')) {
        await serveLocal(request, response, path, { fire, redeem })
        return
      }
      if (aside !== undefined && path.startsWith('/_sandbox') && (await aside(request, response))) return
      await serveFunction(request, response, withoutBasePath(path), deployed)
    }
    await new Promise<void>((resolve, reject) => {
      listening.once('error', reject)
      listening.listen(config.port, '127.0.0.1', resolve)
    })
    const { port } = listening.address() as AddressInfo
    onListening?.(`http://127.0.0.1:${port}`)
    // secrets of the sandbox name the address that it now has
    for (const { detail } of Object.values(await secretWarnings(secrets))) {
      if (detail !== null) runtime.notices.warn(detail)
    }
    if (config.timers) {
      for (const { name, cron } of deployed) {
        if (cron !== null) timers.push(new Cron(cron, { timezone: 'Asia/Shanghai' }, () => fireQuietly(name)))
      }
      // whatever the last process left is gone on with at once
      fireQuietly('sweep')
    }
    return {
      url: `http://127.0.0.1:${port}`,
      runtime,
      fire,
      quiet,
      close: async () => {
        closing.abort()
        for (const timer of timers) timer.stop()
        listening.close()
        listening.closeIdleConnections()
        await Promise.race([quiet(), new Promise(resolve => setTimeout(resolve, closeMs).unref())])
        for (const timer of new Set(running.values()))
          log.info('ended while a timer ran: the next start goes on with it', { timer })
        listening.closeAllConnections()
        useRuntime(null)
        await ledger.close()
      },
    }
  } catch (error) {
    server?.close()
    useRuntime(null)
    await ledger.close()
    throw error
  }
}

const file = z.looseObject({
  functions: z.record(
    z.string(),
    z.looseObject({
      handler: z.string(),
      timeout: z.number(),
      events: z.array(
        z.looseObject({
          http: z.optional(z.looseObject({ path: z.string() })),
          timer: z.optional(z.looseObject({ cron: z.string() })),
        }),
      ),
    }),
  ),
})

async function readFunctions(): Promise<Deployed[]> {
  const root = new URL('../', import.meta.url)
  const { functions } = z.parse(file, parse(await readFile(new URL('serverless.yml', root), 'utf8')))
  return Promise.all(
    Object.entries(functions).map(async ([name, { handler, timeout, events }]): Promise<Deployed> => {
      const [path = '', member = ''] = handler.split('.')
      const module: { readonly [name: string]: unknown } = await import(new URL(`${path}.ts`, root).href)
      const main = module[member]
      if (typeof main !== 'function') throw new Error(`serverless.yml: ${handler} is not there`)
      return {
        name,
        handler: main as MainHandler,
        paths: events.flatMap(({ http }) => (http === undefined ? [] : [http.path])),
        cron: events.find(({ timer }) => timer !== undefined)?.timer?.cron ?? null,
        timeoutMs: timeout * 1000,
      }
    }),
  )
}

function contextOf({ name, timeoutMs }: Deployed): object {
  const endsAt = Date.now() + timeoutMs
  return {
    request_id: newId('req'),
    function_name: name,
    time_limit_in_ms: timeoutMs,
    getRemainingTimeInMillis: () => Math.max(0, endsAt - Date.now()),
  }
}

/** The longest path prefix wins, as on an SCF custom domain. */
function route(deployed: readonly Deployed[], path: string): Deployed | null {
  let best: Deployed | null = null
  let length = -1
  for (const entry of deployed) {
    for (const prefix of entry.paths) {
      const hit = path === prefix || path.startsWith(prefix === '/' ? '/' : `${prefix}/`)
      if (hit && prefix.length > length) {
        best = entry
        length = prefix.length
      }
    }
  }
  return best
}

async function serveFunction(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  deployed: readonly Deployed[],
): Promise<void> {
  const entry = route(deployed, path)
  if (entry === null) return refuse(response, new Problem('not-found', 'There is nothing at this path.'))
  const body = await readBody(request)
  if (body === null)
    return refuse(response, new Problem('payload-too-large', `The request is over ${maxEventBytes} bytes.`))
  const event = encodeScfEvent({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    // as they came: Node joins or drops repeated headers before anybody can see that they were repeated
    headers: request.headersDistinct,
    body,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
  })
  const envelope = (await entry.handler(event, contextOf(entry))) as {
    statusCode: number
    headers: { [name: string]: string }
    body: string
    isBase64Encoded: boolean
  }
  const bytes = Buffer.from(envelope.body, envelope.isBase64Encoded ? 'base64' : 'utf8')
  response.writeHead(envelope.statusCode, { ...envelope.headers, 'content-length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

async function serveLocal(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { fire, redeem }: Pick<Gateway, 'fire'> & { readonly redeem: (code: string) => string | null },
): Promise<void> {
  const startedAt = Date.now()
  const name = /^\/_local\/timers\/([a-z]+)$/.exec(path)?.[1]
  let body: object
  try {
    admitLocal(request)
    if (name === undefined && path !== '/_local/sign-in')
      throw new Problem('not-found', 'There is nothing at this path.')
    if (request.method !== 'POST') {
      throw new Problem('method-not-allowed', 'This path takes POST.', { headers: { allow: 'POST' } })
    }
    if (name === undefined) body = { key: redeemed(redeem, (await readBody(request))?.toString() ?? '') }
    else {
      await fire(name)
      body = { function: name, durationMs: Date.now() - startedAt }
    }
  } catch (error) {
    return refuse(
      response,
      error instanceof Problem ? error : new Problem('internal', `The timer ${name} failed; the log says why.`),
    )
  }
  response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}

function redeemed(redeem: (code: string) => string | null, text: string): string {
  let code: unknown
  try {
    code = (JSON.parse(text) as { readonly code?: unknown } | null)?.code
  } catch {
    throw new Problem('invalid-request', 'Send the code as JSON: {"code":"…"}.')
  }
  const key = typeof code === 'string' ? redeem(code) : null
  if (key === null) throw new Problem('not-found', 'There is no such code, or it was used: sign in with a key.')
  return key
}

/** Null when it is too large; the rest is then left unread. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxEventBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refuse(response: ServerResponse, problem: Problem): void {
  const body = JSON.stringify(problemBody(problem, newId('req')))
  response
    .writeHead(problem.status, {
      'content-type': 'application/problem+json; charset=utf-8',
      connection: 'close',
      ...problem.headers,
    })
    .end(body)
}

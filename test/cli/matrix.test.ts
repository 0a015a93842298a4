/** Every command against every kind of answer: the exit code by the table, one JSON document, words on standard error. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandNames, type CommandName } from '../../cli/commands.ts'
import { hashRecord, noHash } from '../../shared/audit/chain.ts'
import { commandLine } from '../support/command-line.ts'

const recallId = 'rcl_06ckw2m3v4qw2e8r9t0y1s2d3f'
const recall = {
  id: recallId,
  operation: 'revoke',
  state: 'done',
  reason: 'r',
  ticket: null,
  requestedBy: 'key:ops',
  person: 'li.wei',
  subject: { message: 'm' },
  overlay: null,
  approval: null,
  createdAt: '2026-11-23T03:00:00Z',
  settledAt: '2026-11-23T03:00:01Z',
  giveUpAt: '2026-11-24T03:00:00Z',
  devices: { total: 3, accepted: 3, rejected: 0, unknown: 0, pending: 0 },
  etaSeconds: 0,
  blocked: null,
  targets: [],
}
const plan = { dryRun: true, approvalNeeded: false, devices: 3, targets: [], digest: 'd', check: '4821' }
const record = {
  seq: 1,
  at: '2026-11-23T03:00:00.000000Z',
  entry: null,
  actor: 'key:ops',
  person: null,
  action: 'recall.admitted',
  object: recallId,
  detail: '{}',
  request: null,
  mac: null,
}
const line = `${JSON.stringify({ ...record, hash: hashRecord(noHash, record) })}\n`

const statuses = {
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unsupported: 422,
  'too-many-requests': 429,
  unavailable: 503,
} as const
type Slug = keyof typeof statuses
/** Of console.md: what each means to a script. */
const exitOf: { readonly [S in Slug]: number } = {
  unauthorized: 4,
  forbidden: 4,
  'not-found': 8,
  conflict: 5,
  unsupported: 8,
  'too-many-requests': 1,
  unavailable: 1,
}

/** Null: all is well. `only`: which requests it strikes. */
let fault: Slug | null = null
let only: (request: IncomingMessage) => boolean = () => true
let asked: string[] = []
let server: Server
let url = ''
let folder = ''

function answerTo({ url = '' }: IncomingMessage, body: string): object | string {
  const path = url.replace(/\?.*/, '')
  if (path === '/config.json') return { environment: 'sandbox', version: '0.1.0', apiBases: {} }
  if (path === '/readyz') return { status: 'ready', checks: {} }
  if (path === '/v1/me') return { id: 'key:ops', person: 'li.wei', roles: ['operator'], apps: [], expiresAt: null }
  if (path === '/v1/audit') return line
  if (path === '/v1/capabilities') return { items: [] }
  if (path === '/v1/status')
    return {
      app: 'a',
      provider: 'tpns',
      pushId: '1',
      status: null,
      scheduled: null,
      asOf: '',
      stale: null,
      vendor: null,
    }
  if (path === '/v1/messages' || path === '/v1/recalls' || path.endsWith('/events'))
    return { items: [], nextCursor: null }
  if (path.startsWith('/v1/health')) return { apps: [] }
  return body.includes('"dryRun":true') ? plan : recall
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpush-cli-'))
  await writeFile(join(folder, 'trail.ndjson'), line)
  server = createServer((request, response) => {
    let body = ''
    request.on('data', part => (body += String(part)))
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`)
      if (fault !== null && request.url !== '/config.json' && only(request)) {
        const status = statuses[fault]
        const problem = {
          type: `https://unpush.dev/problems/${fault}`,
          title: 'title',
          status,
          detail: 'detail',
          requestId: 'req_1',
        }
        response.writeHead(status, { 'content-type': 'application/problem+json' })
        response.end(JSON.stringify(problem))
        return
      }
      const answer = answerTo(request, body)
      response.writeHead(200, {
        'content-type': typeof answer === 'string' ? 'application/x-ndjson; charset=utf-8' : 'application/json',
      })
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

const start = ['--message', 'm', '--reason', 'r', '--yes']
const text = ['--title', 't', '--body', 'b']
/** A new command without an example here does not compile. */
const examples: { readonly [C in CommandName]: readonly (readonly string[])[] } = {
  revoke: [start, ['--message', 'm', '--dry-run'], [...start, '--wait']],
  stop: [start],
  overlay: [[...start, ...text]],
  correct: [[...start, ...text]],
  watch: [[recallId]],
  messages: [[], ['q']],
  recalls: [[], [recallId]],
  approve: [[], [recallId, '--yes']],
  decline: [[], [recallId, '--yes']],
  review: [[], [recallId, '--yes']],
  cancel: [[recallId, '--yes']],
  retry: [[recallId, '--yes']],
  status: [['--app', 'a', '--push-id', '1']],
  capabilities: [[]],
  doctor: [[], ['--check']],
  audit: [['--export', '-']],
  login: [[]],
  logout: [[]],
  profiles: [[]],
  whoami: [[]],
  open: [[recallId]],
  completion: [['bash']],
}
/** Of these no answer of a service is an input. */
const local: ReadonlySet<CommandName> = new Set(['profiles', 'completion', 'open', 'logout'])

async function runEach(argv: readonly string[], where: string) {
  const name = argv[0] as CommandName
  const config = join(folder, 'config')
  const variables = { UNPUSH_URL: where, UNPUSH_KEY: 'unpush_key', XDG_CONFIG_HOME: config }
  // what is to be forgotten must be there
  if (name === 'logout')
    await commandLine(['login', url], { input: 'unpush_key', variables: { XDG_CONFIG_HOME: config } })
  const input = name === 'login' ? 'unpush_key\n' : ''
  return commandLine(argv, { input, variables })
}

/** What is not as it should be, in words. */
async function faultsOf(argv: readonly string[], where: string, expected: number): Promise<string[]> {
  const faults: string[] = []
  for (const json of [false, true]) {
    const typed = json ? [...argv, '--json'] : argv
    const { exit, out, err } = await runEach(typed, where)
    const documents = argv[0] === 'audit' && exit === 0 ? out.trim().split('\n') : [out]
    const wrong = [
      exit !== expected && `ended with ${exit}, not ${expected}`,
      exit !== 0 && err.trim() === '' && 'said nothing on standard error',
      json && !documents.every(isJson) && 'printed what is no JSON',
      !json && exit !== 0 && out !== '' && 'printed a result that is none',
      `${out}${err}`.includes('unpush_key') && 'printed the key',
      err.includes('\u001b') && 'sent an escape',
    ]
    faults.push(...wrong.flatMap(why => (why === false ? [] : [`${typed.join(' ')} ${why}: ${out}${err}`])))
  }
  return faults
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe.each(commandNames())('%s', name => {
  const argvs = examples[name].map(operands => [name, ...operands])

  it('ends with 0 where all is well', async () => {
    fault = null
    for (const argv of argvs) expect(await faultsOf(argv, url, 0)).toEqual([])
  })

  it.each(Object.keys(statuses) as Slug[])('ends by the table at %s', async slug => {
    fault = null
    for (const argv of argvs) {
      only = () => true
      const faultless = local.has(name)
      fault = faultless ? null : slug
      expect(await faultsOf(argv, url, faultless ? 0 : exitOf[slug])).toEqual([])
    }
    fault = null
  })

  it('ends with 1 where nobody answers', async () => {
    fault = null
    const closed = createServer()
    await new Promise<void>(resolve => closed.listen(0, '127.0.0.1', resolve))
    const where = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`
    await new Promise(resolve => closed.close(resolve))
    for (const argv of argvs) expect(await faultsOf(argv, where, local.has(name) ? 0 : 1)).toEqual([])
  })
})

describe('a refusal that comes after the first look', () => {
  const posts = (
    ['revoke', 'stop', 'overlay', 'correct', 'approve', 'decline', 'review', 'cancel', 'retry'] as const
  ).map(name => [name, [name, ...(examples[name].at(-1) ?? [])]] as const)
  it.each(posts)('%s ends by the table all the same', async (_name, argv) => {
    let posted = 0
    for (const slug of Object.keys(statuses) as Slug[]) {
      posted = 0
      fault = slug
      // of a start, its plan is made by the first POST
      const planned = argv.includes('--message')
      only = ({ method }) => method === 'POST' && (!planned || posted++ > 0)
      const { exit, json } = await runEach([...argv, '--json'], url)
      expect([exit, json.status], slug).toEqual([exitOf[slug], statuses[slug]])
    }
    fault = null
    only = () => true
  })
})

describe('what is out of reach', () => {
  it('is tried five times, and no more', async () => {
    for (const slug of ['too-many-requests', 'unavailable'] as const) {
      fault = slug
      asked = []
      const { waits } = await commandLine(['whoami'], { variables: { UNPUSH_URL: url, UNPUSH_KEY: 'k' } })
      expect([asked.filter(path => path === 'GET /v1/me').length, waits.length]).toEqual([5, 4])
    }
    fault = null
  })
})

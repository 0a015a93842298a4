/** A million tokens on PostgreSQL: intake and sealing next to one bulk insert, draining next to a bare loop. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { createApiKey } from '../shared/access/api-key.ts'
import { migrate } from '../shared/ledger/migrate.ts'
import { openLedger } from '../shared/ledger/open.ts'
import { attempted, median, onScratch, type Row, spread, timed, tokensOf } from './measures.ts'
import { type Child, peakMb, startChild, startFunctions } from './processes.ts'
import { secretsOf } from './service.ts'

const inFlight = 32
const chunk = 20_000
const many = 1_000_000
const fewer = 200_000
/** What is told is their median. */
const rounds = 5

/** Rows of the benchmark's table. `server` is the maintenance database of a PostgreSQL that may be written to. */
export async function* tokenMeasures(server: string): AsyncGenerator<Row, void, undefined> {
  const tokens = tokensOf(many)
  const found: Measured[] = []
  const failures: unknown[] = []
  for (let round = 0; round < rounds; round++) {
    console.error(`run ${round + 1} of ${rounds}, ${many} tokens …`)
    await recallOf(server, tokens).then(
      run => found.push(run),
      (error: unknown) => failures.push(error),
    )
  }
  const drained = found.flatMap(({ drain }) => (drain === null ? [] : [drain]))
  const row = (what: string, goal: string, values: readonly number[], met: (value: number) => boolean, tell: Tell) =>
    attempted(what, async () => {
      if (values.length === 0) throw failures[0] ?? found[0]?.failure ?? new Error('no run came to it')
      const some = values.length < rounds ? `, ${values.length} of ${rounds} runs` : ''
      const value = median(values)
      return [{ what, measured: `${tell(value)}${spread(values)}${some}`, goal, met: met(value) }]
    })
  const ratio: Tell = value => value.toFixed(2)
  const ms = (values: readonly number[]) => median(values).toFixed(0)
  yield* row(
    '1,000,000 tokens taken in and sealed, over COPY of as many rows',
    '≤ 4',
    found.map(({ intakeMs, sealMs, copyMs }) => (intakeMs + sealMs) / copyMs),
    value => value <= 4,
    value =>
      `${ratio(value)} (${ms(found.map(run => run.intakeMs))} + ${ms(found.map(run => run.sealMs))} / ${ms(found.map(run => run.copyMs))} ms)`,
  )
  yield* row(
    `draining them at 20 ms, ${inFlight} in flight: rate over a bare keep-alive node:http loop`,
    '≥ 0.85',
    drained.map(({ bareMs, drainMs }) => bareMs / drainMs),
    value => value >= 0.85,
    value => `${ratio(value)} (${ms(drained.map(run => run.drainMs))} / ${ms(drained.map(run => run.bareMs))} ms)`,
  )
  yield* row(
    '… vendor requests',
    '≤ 1050',
    drained.map(({ requests }) => requests),
    value => value >= many / 1000 && value <= (many / 1000) * 1.05,
    String,
  )
  const peaks = found.map(({ peakMb }) => peakMb)
  yield* row('… largest resident set from start to end', '≤ 200 MB', peaks, value => value <= 200, megabytes)
  yield* attempted('… over the same with 200,000', async () => {
    const small = await recallOf(server, tokens.slice(0, fewer))
    const growth = median(peaks) - small.peakMb
    const measured = `${megabytes(growth)} (${megabytes(small.peakMb)})`
    return [{ what: '… over the same with 200,000', measured, goal: '≤ 20 MB', met: growth <= 20 }]
  })
}

type Tell = (value: number) => string

const megabytes: Tell = value => `${value.toFixed(0)} MB`

interface Measured {
  readonly copyMs: number
  readonly intakeMs: number
  readonly sealMs: number
  /** Null: `failure` says why. */
  readonly drain: { readonly bareMs: number; readonly drainMs: number; readonly requests: number } | null
  readonly failure: unknown
  readonly peakMb: number
}

async function recallOf(server: string, tokens: readonly string[]): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-bench-'))
  const vendor = await startChild('bench/vendor.ts', /vendor on (\d+)/)
  const endpoint = `http://127.0.0.1:${vendor.said}`
  try {
    const { key, sha256 } = createApiKey()
    await writeFile(join(folder, 'secrets.json'), secretsOf(sha256, endpoint), { mode: 0o600 })
    return await onScratch(server, async url => {
      const paths = { messages: '/v1/messages', revoke: '/v1/revoke', sweep: '/timer/sweep' }
      const ledger = await openLedger(url)
      try {
        await migrate(ledger)
      } finally {
        await ledger.close()
      }
      const service = await startFunctions(paths, folder, {
        LEDGER_URL: url,
        SECRETS: `file:${join(folder, 'secrets.json')}`,
      })
      try {
        return await measure({ url, endpoint, service, key, tokens })
      } finally {
        await service.end()
      }
    })
  } finally {
    await vendor.end()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Parts {
  readonly url: string
  readonly endpoint: string
  readonly service: Child
  readonly key: string
  readonly tokens: readonly string[]
}

async function measure({ url, endpoint, service, key, tokens }: Parts): Promise<Measured> {
  // one in a hundred comes a second time
  const sent = [...tokens, ...tokens.filter((_, index) => index % 100 === 0)]
  const database = postgres(url, { max: 1, onnotice: () => {} })
  const call = async (path: string, type: string, body: string, headers: { [name: string]: string } = {}) => {
    const reply = await fetch(`http://127.0.0.1:${service.said}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': type, ...headers },
      body,
    })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text.slice(0, 500)}`)
    return text
  }
  const json = (path: string, body: object, headers = {}) =>
    call(path, 'application/json', JSON.stringify(body), headers)
  try {
    const copyMs = await timed(() => copyAll(database, sent))
    await json('/v1/messages', { id: 'm', targets: [{ app: 'bench', notifyId: 77, tokens: [] }] })
    const chunks = Array.from({ length: Math.ceil(sent.length / chunk) }, (_, index) =>
      sent
        .slice(index * chunk, (index + 1) * chunk)
        .map(token => JSON.stringify(token))
        .join('\n'),
    )
    const { result, peak } = await peakMb(service.pid, async () => {
      const intakeMs = await timed(async () => {
        const worker = async () => {
          for (let lines = chunks.shift(); lines !== undefined; lines = chunks.shift())
            await call('/v1/messages/m/tokens?app=bench', 'application/x-ndjson', lines)
        }
        await Promise.all([worker(), worker()])
      })
      // what the intake left is sealed by sweep once it has been quiet for a minute
      await database`update token_chunk set arrived_at = now() - interval '2 minutes'`
      const sealMs = await timed(() => call('/timer/sweep', 'application/json', ''))
      // what sealing left behind is cleared away meanwhile in life, and in between here
      await database`vacuum analyze`
      await database`checkpoint`
      const drain = async () => {
        // both warm: compiled code, open connections, a signed token
        const target = { app: 'bench', notifyId: 76, tokens: tokens.slice(0, 32_000) }
        await bareLoop(endpoint, target.tokens)
        await json('/v1/revoke', { target, reason: 'bench' }, { prefer: 'wait=20' })
        const bareMs = await timed(() => bareLoop(endpoint, tokens))
        const before = await requestsAt(endpoint)
        const drainMs = await timed(async () => {
          const answer = await json('/v1/revoke', { message: 'm', reason: 'bench' }, { prefer: 'wait=20' })
          const { state } = JSON.parse(answer) as { state?: string }
          if (state !== 'done') throw new Error(`not done: ${answer.slice(0, 500)}`)
        })
        return { bareMs, drainMs, requests: (await requestsAt(endpoint)) - before }
      }
      const taken = { copyMs, intakeMs, sealMs }
      return drain().then(
        drained => ({ ...taken, drain: drained, failure: null }),
        // what was measured until then stands
        (error: unknown) => ({ ...taken, drain: null, failure: error }),
      )
    })
    return { ...result, peakMb: peak ?? Number.NaN }
  } finally {
    await database.end({ timeout: 2 })
  }
}

/** The fastest way there is to write them: COPY, one row a token, no index. */
async function copyAll(database: postgres.Sql, tokens: readonly string[]): Promise<void> {
  await database`create table copied (target_id bigint not null, token text not null)`
  const into = await database`copy copied from stdin`.writable()
  const ended = new Promise<void>((resolve, reject) => {
    into.once('finish', resolve)
    into.once('error', reject)
  })
  for (let start = 0; start < tokens.length; start += 1000) {
    const rows = tokens.slice(start, start + 1000).map(token => `1\t${token}\n`)
    if (!into.write(rows.join(''))) await new Promise<void>(resolve => into.once('drain', () => resolve()))
  }
  into.end()
  await ended
}

/** The same requests, as fast as node:http alone makes them. */
async function bareLoop(endpoint: string, tokens: readonly string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const send = (body: string) =>
    new Promise<void>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const sending = request(`${endpoint}/v1/100/messages:revoke`, { method: 'POST', agent, headers }, reply => {
        reply.resume()
        reply.on('end', resolve)
      })
      sending.on('error', reject)
      sending.end(body)
    })
  let next = 0
  const worker = async () => {
    while (next < tokens.length) {
      const batch = tokens.slice(next, (next += 1000))
      await send(`{"notifyId":77,"token":${JSON.stringify(batch)}}`)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  agent.destroy()
}

async function requestsAt(endpoint: string): Promise<number> {
  return Number(await (await fetch(endpoint)).text())
}

/**
 * More tokens of one target than fit into memory or into a statement: taken in, sealed and taken back in slices, each token
 * once, while everybody else is served. Short: 300,000 in this process, statements counted. Long (`npm run soak`): 20 million
 * through the functions as they are deployed, time and memory measured.
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { peakMb, startFunctions } from '../../bench/processes.ts'
import { createApiKey } from '../../shared/access/api-key.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { sliceTokens } from '../../shared/ledger/sealing.ts'
import type { Sql } from '../../shared/ledger/sql.ts'
import { around } from '../support/around.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { startService } from '../support/service.ts'

const tokenLength = 40
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

/** Eight digits that tell it from all others, then as much as a real one has. */
const tokenOf = (index: number) => `${String(index).padStart(8, '0')}${'kAj3-bX9_'.repeat(4)}`.slice(0, tokenLength)

/** Lines of the tokens from one index to before another, and as many as a hundredth of them once more from before. */
function linesOf(from: number, to: number): string {
  const some = Math.floor((to - from) / 100)
  const again = Array.from({ length: some }, (_, index) => Math.floor((from * index) / some))
  const indexes = [...Array.from({ length: to - from }, (_, index) => from + index), ...again]
  return indexes.map(index => `"${tokenOf(index)}"`).join('\n')
}

/** Push Kit, with a bit for each token it was sent. */
async function startCounting(most: number) {
  const seen = new Uint8Array(Math.ceil(most / 8))
  const counts = { requests: 0, tokens: 0, twice: 0, largest: 0 }
  const take = (body: Buffer) => {
    const start = body.indexOf('[') + 2
    counts.requests++
    let inBody = 0
    for (let at = start; at + tokenLength <= body.length; at += tokenLength + 3, inBody++) {
      const index = Number(body.toString('latin1', at, at + 8))
      if (Number.isNaN(index)) throw new Error('no token of this test')
      const bit = 1 << (index & 7)
      if (((seen[index >> 3] ?? 0) & bit) !== 0) counts.twice++
      seen[index >> 3] = (seen[index >> 3] ?? 0) | bit
    }
    counts.tokens += inBody
    counts.largest = Math.max(counts.largest, inBody)
  }
  const reply = JSON.stringify({ code: '80000000', msg: 'Success', requestId: '1' })
  const server = createServer((request, response) => {
    void (async () => {
      take(await read(request))
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': reply.length }).end(reply)
    })()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** On a connection of its own: a kept one may end at the other side in the moment it is used. */
async function ask(url: string, method: string, body: string, headers: { readonly [name: string]: string }) {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const length = String(Buffer.byteLength(body))
    const sending = request(url, { method, agent: false, headers: { ...headers, 'content-length': length } }, resolve)
    sending.on('error', reject)
    sending.end(body)
  })
  const text = (await read(reply)).toString()
  return { status: reply.statusCode ?? 0, text, retryAfter: reply.headers['retry-after'] ?? '1' }
}

const appOn = (endpoint: string) => ({
  provider: 'huawei',
  clientId: '100',
  serviceAccount: { project_id: '1', key_id: 'k', private_key: privateKey, sub_account: '2' },
  endpoint,
  ratePerSecond: 1_000_000,
})

describeOnPostgres('many tokens of one target', url => {
  it('are sealed in slices, and go out once each', async () => {
    const many = 300_000
    const perRequest = 25_000
    const vendor = await startCounting(many)
    const service = await startService({ ledgerUrl: url(), secrets: { 'unpush/apps/phones': appOn(vendor.url) } })
    try {
      const { ledger } = service.gateway.runtime
      let statements = 0
      let slices = 0
      const most = { taken: 0 }
      const counted = (sql: Sql): Sql => ({
        query: async <Row>(...asked: Parameters<Sql['query']>) => {
          const rows = await sql.query<Row & { readonly taken?: number }>(...asked)
          statements++
          if (asked[0].includes('seal_slice')) {
            slices++
            for (const { taken = 0 } of rows) most.taken = Math.max(most.taken, taken)
          }
          return rows
        },
      })
      // whoever has the ledger of this process calls it by its members
      const real = { ...ledger }
      Object.assign(ledger, around(real, counted))
      const targets = [{ app: 'phones', notifyId: 1, tokens: [] }]
      expect((await service.call('POST', '/v1/messages', { id: 'many', targets })).status).toBe(201)
      await service.call('POST', '/v1/messages', {
        id: 'few',
        targets: [{ app: 'news-harmony', notifyId: 2, tokens: ['a'] }],
      })
      const send = async (from: number) => {
        const raw = linesOf(from, from + perRequest)
        const headers = { 'content-type': 'application/x-ndjson' }
        const reply = await service.call('POST', '/v1/messages/many/tokens?app=phones', undefined, { raw, headers })
        expect(reply.status).toBe(200)
        return reply
      }
      statements = 0
      const early = Array.from({ length: 8 }, (_, index) => index * perRequest)
      for (let pair = 0; pair < early.length; pair += 2) await Promise.all(early.slice(pair, pair + 2).map(send))
      // reading, adding, looking for a recall, and for each slice: its own, whether there is a recall, and once more
      expect(statements).toBeLessThanOrEqual(early.length * 6 + slices * 4)
      expect(slices).toBeGreaterThanOrEqual(3)
      // an admission takes what is sealed; the rest joins it, and what comes after it
      statements = 0
      const before = slices
      const recall = await service.call(
        'POST',
        '/v1/revoke',
        { message: 'many', reason: 'r' },
        { headers: { prefer: 'wait=1' } },
      )
      expect(recall.status).toBe(202)
      const late = await send(8 * perRequest)
      expect(late.body.recall.id).toBe(recall.body.id)
      for (let index = 9; index < 12; index++) await send(index * perRequest)
      let state = ''
      for (let runs = 0; runs < 20 && state !== 'done'; runs++) {
        await service.gateway.fire('sweep')
        state = (await service.call('GET', `/v1/recalls/${recall.body.id}`)).body.state
      }
      expect(state).toBe('done')
      expect(slices).toBeGreaterThan(before)
      expect(most.taken).toBeLessThan(sliceTokens * 1.1)
      expect(vendor.counts).toMatchObject({ tokens: many, twice: 0, largest: 1000 })
      expect(vendor.counts.requests).toBeLessThanOrEqual((many / 1000) * 1.1)
      const { body } = await service.call('GET', `/v1/recalls/${recall.body.id}`)
      expect(body.devices).toMatchObject({ total: many, accepted: many, pending: 0 })
    } finally {
      await service.close()
      await vendor.close()
    }
  })

  it.runIf(soak)(
    'are 20 million, with flat memory and short statements, and sweep serves everybody else',
    async context => {
      const many = Number(process.env['UNPUSH_TEST_TOKENS'] ?? 20_000_000)
      const perRequest = 80_000
      const vendor = await startCounting(many)
      const folder = await mkdtemp(join(tmpdir(), 'unpush-many-'))
      const { key, sha256 } = createApiKey()
      await writeFile(
        join(folder, 'secrets.json'),
        JSON.stringify({
          'unpush/access': { keys: [{ id: 'many', sha256, role: 'operator', apps: ['*'] }] },
          'unpush/policy': { limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null } },
          'unpush/apps/phones': appOn(vendor.url),
          'unpush/apps/others': appOn(vendor.url),
        }),
        { mode: 0o600 },
      )
      const ledger = await openLedger(url(), { connections: 2 })
      const paths = { messages: '/v1/messages', revoke: '/v1/revoke', recalls: '/v1/recalls', sweep: '/timer/sweep' }
      const service = await startFunctions(paths, folder, {
        LEDGER_URL: url(),
        SECRETS: `file:${join(folder, 'secrets.json')}`,
      })
      const call = (method: string, path: string, body = '', headers: { readonly [name: string]: string } = {}) =>
        ask(`http://127.0.0.1:${service.said}${path}`, method, body, {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          ...headers,
        })
      const json = (text: string) => JSON.parse(text) as { id: string; state: string; devices: { accepted: number } }
      let longestMs = 0
      let longest = ''
      const look = async () => {
        const [row] = await ledger.query<{ ms: number; query: string }>(
          `select extract(epoch from clock_timestamp() - query_start)::float8 * 1000 as ms, left(query, 200) as query
           from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid()
             and application_name = 'unpush' order by 1 desc limit 1`,
        )
        if (row !== undefined && row.ms > longestMs) [longestMs, longest] = [row.ms, row.query]
      }
      const watch = setInterval(() => void look().catch(() => {}), 50)
      try {
        const registered = await call(
          'POST',
          '/v1/messages',
          JSON.stringify({ id: 'm', targets: [{ app: 'phones', notifyId: 2, tokens: [] }] }),
        )
        if (registered.status !== 201) throw new Error(registered.text)
        let refused = 0
        let intakeS = 0
        let recallS = 0
        let others = 0
        /** One who has a few tokens, of which the last wait to be sealed; resolves once its recall is done. */
        const serveOther = async () => {
          const id = `other-${++others}`
          const targets = [{ app: 'others', notifyId: others, tokens: [] }]
          await call('POST', '/v1/messages', JSON.stringify({ id, targets }))
          await ledger.query(
            `insert into token_chunk (target_id, app, tokens, arrived_at)
             select id, app, '"nobody-counts"', now() - interval '2 minutes' from target where message_id = $1::text`,
            [id],
          )
          await call('POST', '/timer/sweep', '')
          const [row] = await ledger.query<{ waits: number }>(
            'select count(*) as waits from token_chunk c join target t on t.id = c.target_id where t.message_id = $1::text',
            [id],
          )
          return row?.waits === 0
        }
        const served: boolean[] = []
        const { peak } = await peakMb(service.pid, async () => {
          let startedAt = performance.now()
          let next = 0
          const worker = async () => {
            for (;;) {
              const from = next
              if (from >= many) return
              next += perRequest
              const lines = linesOf(from, Math.min(many, from + perRequest))
              for (;;) {
                const reply = await call('POST', '/v1/messages/m/tokens?app=phones', lines, {
                  'content-type': 'application/x-ndjson',
                })
                if (reply.status === 200) break
                if (reply.status !== 429) throw new Error(`${reply.status} ${reply.text.slice(0, 500)}`)
                refused++
                await new Promise(resolve => setTimeout(resolve, Number(reply.retryAfter) * 1000))
              }
            }
          }
          const workers = Promise.all([worker(), worker()])
          const taking = () => next < many
          while (taking()) {
            served.push(await serveOther())
            await Promise.race([workers, new Promise(resolve => setTimeout(resolve, 5000))])
          }
          await workers
          intakeS = (performance.now() - startedAt) / 1000
          startedAt = performance.now()
          const recall = await call('POST', '/v1/revoke', JSON.stringify({ message: 'm', reason: 'r' }), {
            prefer: 'wait=20',
          })
          if (recall.status !== 202) throw new Error(recall.text)
          let { state } = json(recall.text)
          while (state === 'running') {
            served.push(await serveOther())
            state = json((await call('GET', `/v1/recalls/${json(recall.text).id}`)).text).state
          }
          recallS = (performance.now() - startedAt) / 1000
          const { devices } = json((await call('GET', `/v1/recalls/${json(recall.text).id}`)).text)
          expect([state, devices.accepted]).toEqual(['done', many])
        })
        const named = many.toLocaleString('en-US')
        figure(
          context,
          `${named} tokens of one target, taken in and sealed as they come`,
          `${intakeS.toFixed(0)} s, ${refused} times 429`,
          'all',
        )
        figure(
          context,
          '… recalled',
          `${recallS.toFixed(0)} s, ${vendor.counts.requests} vendor requests`,
          '≤ 5 % above the least',
        )
        figure(context, '… tokens sent twice, or not', `${vendor.counts.twice}, ${many - vendor.counts.tokens}`, '0, 0')
        figure(
          context,
          '… largest resident set, all functions in one process',
          `${(peak ?? 0).toFixed(0)} MB`,
          '≤ 250 MB',
        )
        figure(context, '… longest statement', `${longestMs.toFixed(0)} ms`, '≤ 2000 ms')
        figure(
          context,
          '… others whose tokens one run of sweep sealed meanwhile',
          `${served.filter(Boolean).length} of ${served.length}`,
          'all',
        )
        expect(vendor.counts).toMatchObject({ tokens: many, twice: 0, largest: 1000 })
        expect(vendor.counts.requests).toBeLessThanOrEqual((many / 1000) * 1.05)
        expect(peak ?? 0).toBeLessThanOrEqual(250)
        expect(longestMs, longest).toBeLessThanOrEqual(2000)
        expect(served).toEqual(served.map(() => true))
      } finally {
        clearInterval(watch)
        await service.end()
        await ledger.close()
        await vendor.close()
        await rm(folder, { recursive: true, force: true })
      }
    },
    3_600_000,
  )
})

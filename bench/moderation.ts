/** How soon a moderation system gets its answer while every vendor of pushes hangs: 200 callbacks a second for 30 s. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSignerSecret, publishedSecret } from '../sandbox/signer-secrets.ts'
import { signers } from '../sandbox/signers.ts'
import { createApiKey } from '../shared/access/api-key.ts'
import { attempted, onScratch, type Row, spread } from './measures.ts'
import { startChild } from './processes.ts'

const perSecond = 200
const seconds = 30
/** One callback in so many blocks a push of its own; the others are about contents that nobody has pushed. */
const blocks = 10

/** Rows of the benchmark's table: on PGlite, and on PostgreSQL where there is a server. */
export async function* moderationMeasures(server: string | null): AsyncGenerator<Row, void, undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-bench-'))
  try {
    const embedded = `pglite:${join(folder, 'ledger')}`
    yield* attempted('verdicts (PGlite)', () => measure('PGlite', embedded, folder))
    if (server === null) return
    const onServer = () => onScratch(server, url => measure('PostgreSQL', url, folder))
    yield* attempted('verdicts (PostgreSQL)', onServer)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(engine: string, ledgerUrl: string, folder: string): Promise<Row[]> {
  // takes requests, and never answers one
  const vendor = createServer(() => {})
  await new Promise<void>(resolve => vendor.listen(0, '127.0.0.1', resolve))
  const { key, sha256 } = createApiKey()
  const secret = makeSignerSecret('standard-webhooks')
  const name = `e_${randomBytes(16).toString('hex')}`
  const file = join(folder, `${engine}.json`)
  await writeFile(
    file,
    JSON.stringify({
      'unpush/access': { keys: [{ id: 'bench', sha256, role: 'admin', apps: ['*'] }] },
      'unpush/policy': { limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null } },
      'unpush/apps/bench': {
        provider: 'tpns',
        accessId: '1500000000',
        secretKey: randomBytes(16).toString('hex'),
        region: 'guangzhou',
        platform: 'android',
        endpoint: `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`,
      },
      [`unpush/webhooks/${name}`]: {
        source: 'standard-webhooks',
        secret: publishedSecret(secret),
        policy: { block: 'revoke', review: 'none', pass: 'none' },
      },
    }),
    { mode: 0o600 },
  )
  const service = await startChild('sandbox/main.ts', /unpush ready on (\S+)/, {
    PORT: '0',
    LEDGER_URL: ledgerUrl,
    SECRETS: `file:${file}`,
  })
  const call = async (method: string, path: string, body?: object) => {
    const reply = await fetch(service.said + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return (await reply.json()) as { items?: unknown[]; nextCursor?: string | null }
  }
  try {
    const total = perSecond * seconds
    for (let i = 0; i < total / blocks; i++) {
      const targets = [{ app: 'bench', pushId: String(1000 + i), audience: 'all' }]
      await call('POST', '/v1/messages', { id: `m-${i}`, contents: [`article:${i * blocks}`], targets })
    }
    const signer = signers['standard-webhooks']
    if (signer === undefined) throw new Error('no signer')
    const times: number[] = []
    const failed: number[] = []
    const deliver = async (i: number) => {
      const { headers, body } = signer.sign(signer.write({ content: `article:${i}`, verdict: 'block' }), secret)
      const startedAt = performance.now()
      const reply = await fetch(`${service.said}/v1/webhooks/${name}`, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
      })
      await reply.text()
      times.push(performance.now() - startedAt)
      if (reply.status !== 200) failed.push(reply.status)
    }
    const startedAt = performance.now()
    const sent: Promise<void>[] = []
    for (let i = 0; i < total; i++) {
      const waitMs = startedAt + (i * 1000) / perSecond - performance.now()
      if (waitMs > 1) await new Promise(resolve => setTimeout(resolve, waitMs))
      // waited for at the end only: what is refused until then must not end everything
      sent.push(deliver(i).catch(() => void failed.push(0)))
    }
    await Promise.all(sent)
    const p99 = p99Of(times)
    const slowest = Math.max(...times)
    // how noisy it was: the same of each five seconds
    const part = perSecond * 5
    const parts = Array.from({ length: total / part }, (_, nth) => p99Of(times.slice(nth * part, (nth + 1) * part)))
    let recorded = 0
    for (let cursor = ''; ; ) {
      const { items, nextCursor } = await call('GET', `/v1/verdicts?limit=200${cursor}`)
      recorded += items?.length ?? 0
      if (typeof nextCursor !== 'string') break
      cursor = `&cursor=${encodeURIComponent(nextCursor)}`
    }
    const what = `acknowledgement of ${perSecond} verdicts a second for ${seconds} s, every vendor hung (${engine})`
    const ms = (value: number) => `${value.toFixed(0)} ms`
    return [
      { what: `${what}: p99`, measured: ms(p99) + spread(parts), goal: '≤ 500 ms', met: p99 <= 500 },
      { what: '… the slowest', measured: ms(slowest), goal: '≤ 2500 ms', met: slowest <= 2500 },
      {
        what: '… lost or refused',
        measured: `${total - recorded} of ${total}; ${failed.length} not 200`,
        goal: '0',
        met: recorded === total && failed.length === 0,
      },
    ]
  } finally {
    await service.end()
    vendor.closeAllConnections()
    await new Promise<void>(resolve => vendor.close(() => resolve()))
  }
}

function p99Of(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN
}

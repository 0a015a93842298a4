/** A vendor that takes one device a request, on PostgreSQL: a recall of 200,000 devices next to a bare loop over as many connections. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiKey } from '../shared/access/api-key.ts'
import { migrate } from '../shared/ledger/migrate.ts'
import { openLedger } from '../shared/ledger/open.ts'
import { median, onScratch, type Row, spread, timed } from './measures.ts'
import { type Child, peakMb, startChild, startFunctions } from './processes.ts'
import { benchKey, unlimited } from './service.ts'

const inFlight = 200
const many = 200_000
const warm = 5000
const rounds = 3
const chunk = 20_000

/** Rows of the benchmark's table. `server` is the maintenance database of a PostgreSQL that may be written to. */
export async function* deviceMeasures(server: string): AsyncGenerator<Row, void, undefined> {
  const runs: Measured[] = []
  for (let round = 0; round < rounds; round++) {
    console.error(`run ${round + 1} of ${rounds}, ${many} devices …`)
    runs.push(await run(server))
  }
  const ratios = runs.map(({ bareMs, drainMs }) => bareMs / drainMs)
  const perSecond = (ms: number) => (many / (ms / 1000)).toFixed(0)
  yield {
    what: `200,000 devices, one a request, vendor at 20 ms, ${inFlight} in flight: rate over a bare keep-alive node:http loop`,
    measured: `${median(ratios).toFixed(2)} (${perSecond(median(runs.map(one => one.drainMs)))} / ${perSecond(median(runs.map(one => one.bareMs)))} per second)${spread(ratios)}`,
    goal: '≥ 0.8',
    met: median(ratios) >= 0.8,
  }
  const peak = Math.max(...runs.map(one => one.peakMb))
  yield {
    what: '… largest resident set, intake included',
    measured: `${peak.toFixed(0)} MB`,
    goal: '≤ 250 MB',
    met: peak <= 250,
  }
  const missed = runs.reduce((sum, { told }) => sum + many - told.devices, 0)
  const twice = runs.reduce((sum, { told }) => sum + told.twice, 0)
  yield {
    what: '… devices that were not asked for, or asked for twice',
    measured: `${missed}, ${twice}`,
    goal: '0, 0',
    met: missed + twice === 0,
  }
}

interface Told {
  readonly devices: number
  readonly twice: number
}

interface Measured {
  readonly bareMs: number
  readonly drainMs: number
  readonly peakMb: number
  readonly told: Told
}

/** As long as real ones; the first eight characters are the number of the device. */
export function deviceToken(index: number): string {
  return `${String(index).padStart(8, '0')}:APA91b${'kAj3-bX9_'.repeat(15)}`
}

/** As `unlimited`, with one app whose vendor takes one device a request. */
export function deviceSecrets(sha256: string, endpoint: string): string {
  const serviceAccount = {
    project_id: 'demo-project',
    private_key: benchKey(),
    client_email: 'unpush@demo-project.iam.gserviceaccount.com',
  }
  return unlimited(sha256, { provider: 'fcm', serviceAccount, removal: 'data', endpoint })
}

async function run(server: string): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-bench-'))
  const vendor = await startChild('bench/device-vendor.ts', /vendor on (\d+)/, {}, [String(many)])
  const endpoint = `http://127.0.0.1:${vendor.said}`
  try {
    const { key, sha256 } = createApiKey()
    await writeFile(join(folder, 'secrets.json'), deviceSecrets(sha256, endpoint), { mode: 0o600 })
    return await onScratch(server, async url => {
      const ledger = await openLedger(url)
      try {
        await migrate(ledger)
      } finally {
        await ledger.close()
      }
      const paths = { messages: '/v1/messages', revoke: '/v1/revoke', recalls: '/v1/recalls', sweep: '/timer/sweep' }
      const environment = { LEDGER_URL: url, SECRETS: `file:${join(folder, 'secrets.json')}` }
      const service = await startFunctions(paths, folder, environment)
      try {
        return await measure(service, endpoint, key)
      } finally {
        await service.end()
      }
    })
  } finally {
    await vendor.end()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(service: Child, endpoint: string, key: string): Promise<Measured> {
  const call = async (method: string, path: string, body = '', headers: { [name: string]: string } = {}) => {
    const reply = await fetch(`http://127.0.0.1:${service.said}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(method === 'GET' ? {} : { body }),
    })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text.slice(0, 500)}`)
    return text
  }
  /** Until it is done, as the function and its timer do it. */
  const revoke = async (body: object) => {
    const answer = await call('POST', '/v1/revoke', JSON.stringify({ ...body, reason: 'bench' }), { prefer: 'wait=20' })
    let { id, state } = JSON.parse(answer) as { id: string; state: string }
    while (state === 'running') {
      await call('POST', '/timer/sweep')
      state = (JSON.parse(await call('GET', `/v1/recalls/${id}`)) as { state: string }).state
    }
    if (state !== 'done') throw new Error(`${state}: ${await call('GET', `/v1/recalls/${id}`)}`.slice(0, 500))
  }
  const { result, peak } = await peakMb(service.pid, async () => {
    await call('POST', '/v1/messages', JSON.stringify({ id: 'm', targets: [{ app: 'bench', tag: 'm', tokens: [] }] }))
    for (let from = 0; from < many; from += chunk) {
      const lines = Array.from({ length: chunk }, (_, index) => JSON.stringify(deviceToken(from + index))).join('\n')
      await call('POST', '/v1/messages/m/tokens?app=bench', lines, { 'content-type': 'application/x-ndjson' })
    }
    // both warm: compiled code, open connections, an access token
    const tokens = Array.from({ length: warm }, (_, index) => deviceToken(index))
    await revoke({ target: { app: 'bench', tag: 'warm', tokens } })
    await bareLoop(endpoint, warm)
    const bareMs = await timed(() => bareLoop(endpoint, many))
    await fetch(`${endpoint}/reset`)
    const drainMs = await timed(() => revoke({ message: 'm' }))
    return { bareMs, drainMs, told: (await (await fetch(endpoint)).json()) as Told }
  })
  return { ...result, peakMb: peak ?? Number.NaN }
}

/** Requests of the same size, as fast as node:http alone makes them. */
async function bareLoop(endpoint: string, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const url = `${endpoint}/v1/projects/demo-project/messages:send`
  const rest = {
    data: { unpush_v: '1', unpush_op: 'remove', unpush_id: 'm', unpush_ts: '1795000000' },
    android: { priority: 'HIGH', ttl: '86400s' },
    apns: {
      headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
      payload: { aps: { 'content-available': 1 }, unpush: { v: 1, op: 'remove', id: 'm', ts: 1_795_000_000 } },
    },
    webpush: {
      headers: { TTL: '86400' },
      notification: { title: 'Updated', tag: 'm', silent: true, renotify: false },
    },
  }
  const send = (body: string) =>
    new Promise<void>((resolve, reject) => {
      const headers = {
        'Content-Type': 'application/json',
        Authorization: 'Bearer ya29.c.made',
        'content-length': Buffer.byteLength(body),
      }
      const sending = request(url, { method: 'POST', agent, headers }, reply => {
        reply.resume()
        reply.on('end', resolve)
      })
      sending.on('error', reject)
      sending.end(body)
    })
  let next = 0
  const worker = async () => {
    while (next < count) await send(JSON.stringify({ message: { token: deviceToken(next++), ...rest } }))
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  agent.destroy()
}

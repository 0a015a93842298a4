/**
 * What Unpush adds to a vendor's own time, as ratios in one run, against bare requests to the same stand-in with the same bytes. Ratios, since machines differ; one run, since they are noisy.
 */
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { attempted, median, type Row, spread, timed, tokensOf } from './measures.ts'
import { peakMb, residentMb } from './processes.ts'
import { startBenchService } from './service.ts'

const inFlight = 32

/** Rows of the benchmark's table, all on PGlite. */
export async function* requestMeasures(): AsyncGenerator<Row, void, undefined> {
  const service = await startBenchService(folder => `pglite:${join(folder, 'ledger')}`)
  const { endpoint, key } = service
  try {
    // made before the clock runs: making a thousand random tokens takes as long as the thing measured
    const stock = Array.from({ length: 60 }, () => JSON.stringify(tokensOf(1000)))
    const json = (i: number) => stock[i % stock.length] ?? ''
    const bare = (i: number) => service.bare(`{"notifyId":${i},"token":${json(i)}}`)
    const ours = (i: number) =>
      service.revoke(`{"target":{"app":"bench","notifyId":${i},"tokens":${json(i)}},"reason":"bench"}`)

    // both warm: compiled code, open connections, a signed token
    for (let i = 0; i < 15; i++) {
      await bare(i)
      await ours(10_000 + i)
    }
    yield* attempted('POST /v1/revoke, 1,000 tokens', oneByOne)
    yield* attempted('100 of them at once', allAtOnce)
    yield* attempted('100,000 tokens', manyTokens)

    async function* oneByOne(): AsyncGenerator<Row, void, undefined> {
      const bareTimes: number[] = []
      const ourTimes: number[] = []
      for (let i = 0; i < 40; i++) {
        bareTimes.push(await timed(() => bare(i)))
        ourTimes.push(await timed(() => ours(20_000 + i)))
      }
      yield row(
        'POST /v1/revoke, 1,000 tokens, vendor at 20 ms: p50 over a bare fetch',
        median(ourTimes) / median(bareTimes),
        1.5,
        `${median(ourTimes).toFixed(1)} / ${median(bareTimes).toFixed(1)} ms${spread(ourTimes, bareTimes)}`,
      )
    }

    async function* allAtOnce(): AsyncGenerator<Row, void, undefined> {
      const together = (make: (i: number) => Promise<void>) =>
        timed(() => Promise.all(Array.from({ length: 100 }, (_, i) => make(i))))
      const bareTogether: number[] = []
      const ourTogether: number[] = []
      for (let round = 0; round < 5; round++) {
        bareTogether.push(await together(bare))
        ourTogether.push(await together(i => ours(30_000 + round * 1000 + i)))
      }
      yield row(
        '100 of them at once, over 100 bare fetches at once',
        median(ourTogether) / median(bareTogether),
        2,
        `${median(ourTogether).toFixed(0)} / ${median(bareTogether).toFixed(0)} ms${spread(ourTogether, bareTogether)}`,
      )
    }

    async function* manyTokens(): AsyncGenerator<Row, void, undefined> {
      const tokens = tokensOf(100_000)
      const messages = Array.from({ length: 5 }, (_, index) => `bench-100k-${index}`)
      for (const [index, message] of messages.entries()) await register(service.url, key, message, 77 + index, tokens)
      // what was registered a while ago is sealed: sweep does it once a target has been quiet for a minute
      await new Promise(resolve => setTimeout(resolve, 61_000))
      await fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })
      const before = await residentMb(service.pid)
      const loops: number[] = []
      const drains: number[] = []
      const { peak } = await peakMb(service.pid, async () => {
        for (const message of messages) {
          loops.push(await timed(() => bareLoop(endpoint, tokens)))
          drains.push(await timed(() => service.revoke(JSON.stringify({ message, reason: 'bench' }))))
        }
      })
      yield row(
        `100,000 tokens by ${inFlight} at a time, over a bare keep-alive node:http loop`,
        median(drains) / median(loops),
        1.3,
        `${median(drains).toFixed(0)} / ${median(loops).toFixed(0)} ms${spread(drains, loops)}`,
      )
      if (before !== null && peak !== null)
        yield row(
          '… growth of the resident set, MB',
          peak - before,
          100,
          `${before.toFixed(0)} → ${peak.toFixed(0)} MB`,
        )
    }
  } finally {
    await service.end()
  }
}

function row(what: string, value: number, most: number, detail: string): Row {
  return { what, measured: `${value.toFixed(2)} (${detail})`, goal: `≤ ${most}`, met: value <= most }
}

function vendorBody(notifyId: number, tokens: readonly string[]): string {
  return `{"notifyId":${notifyId},"token":${JSON.stringify(tokens)}}`
}

/** The same requests, as fast as node:http alone makes them. */
async function bareLoop(endpoint: string, tokens: readonly string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const bodies = Array.from({ length: Math.ceil(tokens.length / 1000) }, (_, i) =>
    vendorBody(77, tokens.slice(i * 1000, (i + 1) * 1000)),
  )
  const send = (body: string) =>
    new Promise<void>((resolve, reject) => {
      const sending = request(
        `${endpoint}/v1/100/messages:revoke`,
        {
          method: 'POST',
          agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        reply => {
          reply.resume()
          reply.on('end', resolve)
        },
      )
      sending.on('error', reject)
      sending.end(body)
    })
  const worker = async () => {
    for (let body = bodies.shift(); body !== undefined; body = bodies.shift()) await send(body)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  agent.destroy()
}

async function register(
  url: string,
  key: string,
  id: string,
  notifyId: number,
  tokens: readonly string[],
): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ id, targets: [{ app: 'bench', notifyId, tokens: [] }] }),
  })
  for (let start = 0; start < tokens.length; start += 20_000) {
    const body = tokens
      .slice(start, start + 20_000)
      .map(token => JSON.stringify(token))
      .join('\n')
    const reply = await fetch(`${url}/v1/messages/${id}/tokens?app=bench`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body,
    })
    if (reply.status !== 200) throw new Error(`tokens refused: ${reply.status} ${await reply.text()}`)
  }
}

/**
 * What the network to the database adds: recalls by the function as it is deployed, on PostgreSQL behind a proxy that holds answers back, next to bare calls to the
 * vendor, which is near.
 */
import postgres from 'postgres'
import { attempted, median, onScratch, type Row, spread, timed, tokensOf } from './measures.ts'
import { type Child, startChild } from './processes.ts'
import { type BenchService, startDeployed } from './service.ts'

/** A round trip to a managed database in another zone. */
const zoneMs = 5
/** What the waits are told from: twice this and none. */
const farMs = 20
const warm = 30
const rounds = 60

/** Rows of the benchmark's table. `server` is the maintenance database of a PostgreSQL that may be written to. */
export async function* distanceMeasures(server: string): AsyncGenerator<Row, void, undefined> {
  yield* attempted('POST /v1/revoke with a database in another zone', () => onScratch(server, measured))
}

async function measured(url: string): Promise<Row[]> {
  const at = new URL(url)
  const network = await startChild('bench/network.ts', /network on (\S+)/, { TO: at.host })
  try {
    at.host = `127.0.0.1:${network.said.split(',')[0]}`
    const service = await startDeployed(at.href, url)
    try {
      return await compare(network, service, at.href)
    } finally {
      await service.end()
    }
  } finally {
    await network.end()
  }
}

async function compare(network: Child, service: BenchService, url: string): Promise<Row[]> {
  const [one, thousand] = [JSON.stringify(tokensOf(1)), JSON.stringify(tokensOf(1000))]
  let notifyId = 0
  const bare = (tokens: string) => timed(() => service.bare(`{"notifyId":${++notifyId},"token":${tokens}}`))
  const ours = (tokens: string, keyed = false) => {
    const body = `{"target":{"app":"bench","notifyId":${++notifyId},"tokens":${tokens}},"reason":"bench"}`
    return timed(() => service.revoke(body, keyed ? { 'idempotency-key': `k${notifyId}` } : {}))
  }
  const client = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const trip = () => timed(() => client.unsafe('select 1'))
    for (let i = 0; i < warm; i++) {
      for (const tokens of [one, thousand]) {
        await bare(tokens)
        await ours(tokens, i % 2 === 1)
      }
      await trip()
    }
    const times = async (roundTripMs: number) => {
      await fetch(`http://127.0.0.1:${network.said.split(',')[1]}/${roundTripMs}`, { method: 'PUT' })
      const seen = {
        bare: [] as number[],
        plain: [] as number[],
        keyed: [] as number[],
        bareOne: [] as number[],
        one: [] as number[],
        trip: [] as number[],
      }
      // in turns, so that whatever else the machine does hits all
      for (let round = 0; round < rounds; round++) {
        seen.bare.push(await bare(thousand))
        seen.plain.push(await ours(thousand))
        seen.keyed.push(await ours(thousand, true))
        seen.bareOne.push(await bare(one))
        seen.one.push(await ours(one))
        seen.trip.push(await trip())
      }
      return seen
    }
    const [near, zone, far] = [await times(0), await times(zoneMs), await times(farMs)]
    const ratioRow = (what: string, ours: readonly number[], theirs: readonly number[]): Row => {
      const ratio = median(ours) / median(theirs)
      return {
        what: `POST /v1/revoke, ${what}, vendor at 20 ms, PostgreSQL ${zoneMs} ms away: p50 over a bare fetch`,
        measured: `${ratio.toFixed(2)} (${median(ours).toFixed(1)} / ${median(theirs).toFixed(1)} ms${spread(ours, theirs)}; a round trip took ${median(zone.trip).toFixed(1)} ms)`,
        goal: '≤ 2.2',
        met: ratio <= 2.2,
      }
    }
    // by what a trip took, not by what it was to take: timers come late
    const waits = (kind: 'plain' | 'keyed') =>
      (median(far[kind]) - median(near[kind])) / (median(far.trip) - median(near.trip))
    const waitsRow = (what: string, kind: 'plain' | 'keyed', most: number): Row => ({
      what,
      measured: `${waits(kind).toFixed(1)} (${median(near[kind]).toFixed(1)} → ${median(far[kind]).toFixed(1)} ms where a round trip takes ${(median(far.trip) - median(near.trip)).toFixed(1)} ms more${spread(near[kind], far[kind])})`,
      goal: `≤ ${most}`,
      met: Math.round(waits(kind)) <= most,
    })
    return [
      ratioRow('1,000 tokens', zone.plain, zone.bare),
      ratioRow('one token', zone.one, zone.bareOne),
      waitsRow('… waits for the database, by p50 over the time of a round trip', 'plain', 3),
      waitsRow('… the same with an Idempotency-Key', 'keyed', 4),
    ]
  } finally {
    await client.end({ timeout: 2 })
  }
}

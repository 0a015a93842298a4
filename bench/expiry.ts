/** What a full ledger costs: admissions and one expiry run among a million messages, over the same among ten thousand. */
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { readConfig } from '../shared/config.ts'
import { migrate } from '../shared/ledger/migrate.ts'
import { openLedger } from '../shared/ledger/open.ts'
import type { Ledger } from '../shared/ledger/sql.ts'
import { createLog } from '../shared/log.ts'
import { admit } from '../shared/recall/admission.ts'
import { expire } from '../shared/recall/expire.ts'
import { createRuntime } from '../shared/runtime.ts'
import { attempted, type Row, spread, timed } from './measures.ts'

const sizes = [10_000, 1_000_000] as const
const each = 500
const rounds = 7
const most = 1.2

/** Rows of the benchmark's table. `server` is the maintenance database of a PostgreSQL that may be written to. */
export async function* expiryMeasures(server: string): AsyncGenerator<Row, void, undefined> {
  const client = postgres(server, { max: 1, onnotice: () => {} })
  const databases = sizes.map(size => ({ size, name: `unpush_bench_${randomBytes(6).toString('hex')}` }))
  const ledgers: Ledger[] = []
  try {
    for (const { size, name } of databases) {
      await client.unsafe(`create database ${name}`)
      const url = new URL(server)
      url.pathname = `/${name}`
      const ledger = await openLedger(url.href)
      ledgers.push(ledger)
      await migrate(ledger)
      await fill(ledger, 'live', size, '1 year')
      await ledger.script('vacuum analyze')
    }
    const [few, many] = ledgers.map(measurable) as [Measurable, Measurable]
    const kinds = [
      ['admissions by message', 'admissions'],
      ['one expiry run', 'expiry'],
    ] as const
    for (const [what, kind] of kinds) {
      yield* attempted(what, async () => [await compare(what, kind)])
    }

    async function compare(what: string, kind: 'admissions' | 'expiry'): Promise<Row> {
      const times: { readonly few: number[]; readonly many: number[] } = { few: [], many: [] }
      // the first round compiles, plans and warms
      for (let round = -1; round < rounds; round++) {
        const inTurn = round % 2 === 0 ? ([few, many] as const) : ([many, few] as const)
        for (const ledger of inTurn) {
          const ms = await ledger[kind](round)
          if (round >= 0) times[ledger === few ? 'few' : 'many'].push(ms)
        }
        // as autovacuum does within a minute of so much coming in: plans made for empty tables are made anew
        if (round < 0) for (const ledger of ledgers) await ledger.script('analyze')
      }
      // whatever else the machine does only slows: the fastest round of each is the nearest to the thing itself
      const [small, large] = [Math.min(...times.few), Math.min(...times.many)]
      return {
        what: `${what}, ${each}, with 1,000,000 messages in the ledger over 10,000 (PostgreSQL)`,
        measured: `${(large / small).toFixed(2)} (${large.toFixed(0)} / ${small.toFixed(0)} ms${spread(times.few, times.many)})`,
        goal: `≤ ${most}`,
        met: large / small <= most,
      }
    }
  } finally {
    for (const ledger of ledgers) await ledger.close()
    for (const { name } of databases) await client.unsafe(`drop database if exists ${name} with (force)`)
    await client.end({ timeout: 2 })
  }
}

type Measurable = ReturnType<typeof measurable>

/** Milliseconds that each takes on this ledger. No vendor is called: that is `sweep`'s. */
function measurable(ledger: Ledger) {
  const secrets = { read: async () => null, refetch: async () => false }
  const runtime = createRuntime(readConfig({}), secrets, ledger, createLog({ level: 'error' }))
  const invocation = { requestId: 'bench', coldStart: false, remainingMs: () => 60_000, platform: 'scf' } as const
  return {
    admissions: async (round: number) => {
      const context = { ...runtime, caller: { id: 'key:bench', person: null, owner: 'key:bench', grant: null } }
      const messages = Array.from({ length: each }, (_, index) => `live-${(round + 1) * each + index + 1}`)
      return timed(async () => {
        for (const message of messages) {
          const named = { subject: { message }, shown: { message }, target: null }
          const how = { operation: 'revoke', overlay: null, fallback: true, again: false, supersede: false } as const
          await admit(context, { ...how, named }, 'bench', null, null)
        }
      })
    },
    expiry: async (round: number) => {
      await fill(ledger, `due${round + 1}`, each, '-1 minute')
      const firing = { name: 'expire', at: null, message: null }
      const ms = await timed(() => expire({ ...runtime, invocation, firing }))
      const [left] = await ledger.query<{ n: number }>(
        `select count(*) as n from message where expires_at <= now() and expired_at is null`,
      )
      if (left?.n !== 0) throw new Error('the run left due messages behind')
      return ms
    },
  }
}

/** Messages of one target with one batch, as registering leaves them. */
async function fill(ledger: Ledger, prefix: string, count: number, expiresIn: string): Promise<void> {
  const most = 100_000
  for (let first = 1; first <= count; first += most) {
    await ledger.query(
      `with numbers as (
         select $1::text || '-' || n as id from generate_series($2::text::int, $3::text::int) n
       ), messages as (
         insert into message (id, digest, contents, registered_by, owner, expires_at)
         select id, 'd', array['content:' || id], 'key:bench', now() + $4::text::interval from numbers
       ), targets as (
         insert into target (message_id, position, app, provider, handle)
         select id, 0, 'bench', 'huawei', id from numbers returning id
       )
       insert into token_batch (target_id, seq, tokens, count) select id, 0, '["a","b"]', 2 from targets`,
      [prefix, first, Math.min(first + most - 1, count), expiresIn],
    )
  }
}

/** Units of work per second through the ledger, next to job queues made for nothing else, on the same PostgreSQL. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import PgBoss from 'pg-boss'
import postgres from 'postgres'
import * as z from 'zod/mini'
import { makeEntry } from '../shared/audit/entries.ts'
import { newId } from '../shared/ids.ts'
import { admissionOf, type NewRecall } from '../shared/ledger/new-recall.ts'
import { admitRecalls } from '../shared/ledger/admit-recall.ts'
import { migrate } from '../shared/ledger/migrate.ts'
import { openLedger } from '../shared/ledger/open.ts'
import { createLog } from '../shared/log.ts'
import type { Outcome, Provider } from '../shared/providers/provider.ts'
import type { App } from '../shared/recall/apps.ts'
import { createDrainer } from '../shared/recall/drain.ts'
import { median, onScratch, type Row, spread, timed } from './measures.ts'

const units = 20_000
const rounds = 3
const atOnce = 32
/** Half of what graphile-worker's local queue takes at a time. */
const ourLanes = 256
const connections = 4

type Measure = (url: string) => Promise<number>

/** Rows of the benchmark's table. `server` is the maintenance database of a PostgreSQL that may be written to. */
export async function* queueMeasures(server: string): AsyncGenerator<Row, void, undefined> {
  const perSecond: { [name: string]: number[] } = { ours: [], worker: [], boss: [] }
  const measures: { readonly [name: string]: Measure } = { ours: drained, worker: worked, boss: fetched }
  let waiters = 0
  // in turns, so that whatever else the machine does hits all
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(measures)) {
      await onScratch(server, async url => {
        const sampler = name === 'ours' ? sampleLockWaiters(url) : null
        perSecond[name]?.push(units / ((await measure(url)) / 1000))
        waiters += (await sampler?.stop()) ?? 0
      })
    }
  }
  const ours = median(perSecond['ours'] ?? [])
  const worker = median(perSecond['worker'] ?? [])
  const boss = median(perSecond['boss'] ?? [])
  const ratio = ours / Math.max(worker, boss)
  yield {
    what: 'work rows per second, fences and attempts included, over the better of graphile-worker and pg-boss',
    measured: `${ratio.toFixed(2)} (${ours.toFixed(0)}; graphile-worker ${worker.toFixed(0)}, pg-boss ${boss.toFixed(0)} per second${spread(...Object.values(perSecond))})`,
    goal: '≥ 1',
    met: ratio >= 1,
  }
  yield { what: '… sessions seen waiting for a lock', measured: String(waiters), goal: '0', met: waiters === 0 }
}

/** The drainer as the functions run it, and a vendor that answers at once. */
async function drained(url: string): Promise<number> {
  const ledger = await openLedger(url, { connections })
  try {
    await migrate(ledger)
    // as large as the recall of a million devices
    const recalls = Array.from({ length: units / 1000 }, (_, index) => recallOf(`h${index}`, 1000))
    await admitRecalls(ledger, recalls)
    const app: App = { name: 'bench', provider: instant, credentials: { provider: instant.name } }
    const drainer = createDrainer({
      sql: ledger,
      apps: { names: async () => [app.name], find: async () => app, renew: async () => false },
      send: async () => ({ failure: 'unreached', detail: 'never called' }),
      log: createLog({ level: 'error' }),
      now: Date.now,
      chance: Math.random,
      vendorTimeoutMs: 5000,
      inFlight: ourLanes,
    })
    const took = await timed(() => drainer.run(null, Date.now() + 600_000))
    const [left] = await ledger.query<{ n: number }>(
      "select count(*) as n from work where state <> 'done' or result <> 'accepted'",
    )
    const [made] = await ledger.query<{ n: number }>('select count(*) as n from attempt where outcome is not null')
    if (left?.n !== 0 || made?.n !== units) throw new Error(`${left?.n} left, ${made?.n} attempts`)
    return took
  } finally {
    await ledger.close()
  }
}

async function worked(url: string): Promise<number> {
  const utils = await makeWorkerUtils({ connectionString: url })
  await utils.migrate()
  await utils.addJobs(Array.from({ length: units }, () => ({ identifier: 'nothing', payload: {} })))
  await utils.release()
  return timed(async () => {
    let done = 0
    let finish = () => {}
    const all = new Promise<void>(resolve => (finish = resolve))
    const runner = await run({
      connectionString: url,
      concurrency: atOnce,
      noHandleSignals: true,
      logger: new Logger(() => () => {}),
      taskList: { nothing: () => void (++done === units && finish()) },
      preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    })
    await all
    // its end writes what is completed
    await runner.stop()
  })
}

async function fetched(url: string): Promise<number> {
  const boss = new PgBoss({ connectionString: url, max: connections, supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
  try {
    await boss.createQueue('nothing')
    for (let start = 0; start < units; start += 1000)
      await boss.insert(Array.from({ length: 1000 }, () => ({ name: 'nothing' })))
    const worker = async () => {
      for (;;) {
        const jobs = await boss.fetch('nothing', { batchSize: atOnce })
        if (jobs.length === 0) return
        await boss.complete(
          'nothing',
          jobs.map(job => job.id),
        )
      }
    }
    return await timed(() => Promise.all(Array.from({ length: connections }, worker)))
  } finally {
    await boss.stop({ graceful: false })
  }
}

/** Looks every few milliseconds; `stop` resolves with the waiters seen in all. */
function sampleLockWaiters(url: string): { stop(): Promise<number> } {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  const stopping = new AbortController()
  const seen = (async () => {
    let waiters = 0
    while (!stopping.signal.aborted) {
      const [row] = await client`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      waiters += Number(row?.['n'])
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    return waiters
  })()
  return {
    stop: async () => {
      stopping.abort()
      const waiters = await seen
      await client.end({ timeout: 2 })
      return waiters
    },
  }
}

const accepted: Outcome = { kind: 'accepted', vendor: { code: '0', message: null, requestId: null, httpStatus: 200 } }

const instant: Provider = {
  name: 'instant',
  capabilities: {
    operations: {
      revoke: {
        addressing: [{ by: 'tokens', most: 1000 }],
        confirmedBy: [],
        needsRecord: false,
        repeatable: true,
        channels: [],
      },
    },
    limits: [],
    identicalOverlayWindowMs: null,
  },
  credentials: z.looseObject({ provider: z.string() }),
  target: z.any(),
  title: ['Instant', 'Instant'],
  channels: {},
  sentences: {},
  openMembers: [],
  handles: [{ member: 'key', json: 'string', madeBy: 'sender', sample: 'k', words: ['A key.', '标识'] }],
  platform: () => 'harmony',
  budget: () => 'bench',
  fare: (_, tokens) => [{ lane: { name: 'devices', kind: 'rate', perSecond: 1e9, burst: 1e9 }, cost: tokens }],
  assess: () => ({ refusal: null, invalid: [], effects: [], toEverybody: false, warnings: [] }),
  revoke: async () => accepted,
}

function recallOf(handle: string, batches: number): NewRecall {
  const recall = {
    id: newId('rcl'),
    operation: 'revoke',
    reason: 'bench',
    ticket: null,
    requestedBy: 'key:bench',
    person: null,
    owner: 'key:test',
    reach: null,
    outside: 0,
    causedBy: [],
    subject: {},
    measure: { reach: { devices: 0, basis: 'exact' }, bound: '', line: null, payer: null, approval: null },
    overlay: null,
    fallback: true,
    giveUpHours: 1,
    expiry: false,
    messageIds: [],
    targets: [
      {
        targetId: null,
        app: 'bench',
        provider: instant.name,
        handle,
        audience: null,
        audienceSize: null,
        batches: Array.from({ length: batches }, (_, seq) => ({ seq, tokens: '["t"]', count: 1 })),
        addressing: 'tokens',
        tokensDigest: null,
        plan: { requested: 'revoke', ladder: ['revoke'], steps: {}, refusal: null, audienceSize: null },
        linkedId: null,
        lastRecallTargetId: null,
        firstStep: 'act',
      },
    ],
    key: null,
  } satisfies Omit<NewRecall, 'entry'>
  return { ...recall, entry: makeEntry(admissionOf(recall), null) }
}

/** What the audit trail costs an admission: the same statement with it and without, 32 at once, in turns. */
import { randomBytes } from 'node:crypto'
import { makeEntry } from '../shared/audit/entries.ts'
import { packSnapshot } from '../sandbox/ledger-snapshot.ts'
import { readConfig } from '../shared/config.ts'
import { newId } from '../shared/ids.ts'
import { admitRecall } from '../shared/ledger/admit-recall.ts'
import { admissionOf, type NewRecall } from '../shared/ledger/new-recall.ts'
import type { SignedEntry } from '../shared/ledger/audit.ts'
import { migrate } from '../shared/ledger/migrate.ts'
import { openLedger } from '../shared/ledger/open.ts'
import type { Ledger } from '../shared/ledger/sql.ts'
import { createLog } from '../shared/log.ts'
import { createRuntime } from '../shared/runtime.ts'
import { openSecrets } from '../shared/secrets/secrets.ts'
import { sourceOfDocuments } from '../shared/secrets/source.ts'
import { attempted, onScratch, type Row, spread } from './measures.ts'

const atOnce = 32
const admissions = 3200
const rounds = 9
const least = 0.85

/** Rows of the benchmark's table: PGlite, and PostgreSQL where there is a server. */
export async function* auditMeasures(server: string | null): AsyncGenerator<Row, void, undefined> {
  const embedded = async () => [await measure('PGlite', () => openMigrated('pglite:memory'))]
  yield* attempted('admissions with the audit trail (PGlite)', embedded)
  if (server === null) return
  const onServer = () => onScratch(server, async url => [await measure('PostgreSQL', () => openMigrated(url))])
  yield* attempted('admissions with the audit trail (PostgreSQL)', onServer)
}

async function measure(engine: string, open: () => Promise<Ledger>) {
  const ledgers = { with: await open(), without: await open() }
  try {
    const unsigned = makeEntry(admissionOf(recall()), null)
    const runs = {
      with: admitter(ledgers.with, null),
      without: admitter(withoutAudit(ledgers.without), unsigned),
    }
    const perSecond: { with: number[]; without: number[] } = { with: [], without: [] }
    // the first round compiles and plans
    for (let round = -1; round < rounds; round++) {
      for (const variant of round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
        const startedAt = performance.now()
        await runs[variant]()
        if (round >= 0) perSecond[variant].push(admissions / ((performance.now() - startedAt) / 1000))
      }
    }
    // whatever else the machine does only slows: the fastest round of each is the nearest to the thing itself
    const [audited, bare] = [Math.max(...perSecond.with), Math.max(...perSecond.without)]
    const ratio = audited / bare
    return {
      what: `admissions per second, ${atOnce} at once, with the audit trail over without (${engine})`,
      measured: `${ratio.toFixed(2)} (${audited.toFixed(0)} / ${bare.toFixed(0)} per second${spread(perSecond.with, perSecond.without)})`,
      goal: `≥ ${least}`,
      met: ratio >= least,
    }
  } finally {
    await ledgers.with.close()
    await ledgers.without.close()
  }
}

/**
 * As requests do: admissions of one moment share a statement. What was admitted is signed, and sealed, within the time
 * measured; `unsigned` stands in where there is no trail.
 */
function admitter(ledger: Ledger, unsigned: SignedEntry | null): () => Promise<void> {
  const key = { key: randomBytes(32).toString('hex') }
  const secrets = openSecrets(sourceOfDocuments('bench', async () => new Map([['unpush/audit-mac', key]])))
  const runtime = createRuntime(readConfig({}), secrets, ledger, createLog({ level: 'error' }))
  return async () => {
    let left = admissions
    const worker = async () => {
      while (left-- > 0) {
        const asked = recall()
        await admitRecall(ledger, { ...asked, entry: unsigned ?? (await runtime.signEntry(admissionOf(asked))) })
        runtime.sealer.soon()
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    await runtime.sealer.idle()
    await runtime.sealer.now()
  }
}

/** The same ledger, whose admission has its audit part cut out and whose sealing finds nothing to do. */
function withoutAudit(ledger: Ledger): Ledger {
  const part = /audited as \(\n[\s\S]*?\n\), /
  return {
    ...ledger,
    query: async <Row>(text: string, parameters?: Parameters<Ledger['query']>[1], bytes?: string) => {
      if (text.includes('seal_audit(')) return [{ sealed: 0 }] as Row[]
      if (!text.includes('insert into recall ')) return ledger.query<Row>(text, parameters, bytes)
      if (!part.test(text)) throw new Error('the audit part of the admission was not found')
      return ledger.query<Row>(text.replace(part, ''), parameters, bytes)
    },
  }
}

/** The thinnest there is, so that the trail weighs most: one push task, nothing brought along. */
function recall(): Omit<NewRecall, 'entry'> {
  const handle = randomBytes(8).readBigUInt64BE().toString()
  return {
    id: newId('rcl'),
    operation: 'revoke',
    reason: 'bench',
    measure: { reach: { devices: 0, basis: 'exact' }, bound: '', line: null, payer: null, approval: null },
    ticket: null,
    requestedBy: 'key:bench',
    person: 'li.wei',
    owner: 'key:test',
    reach: null,
    outside: 0,
    causedBy: [],
    subject: { target: { app: 'bench', pushId: handle } },
    overlay: null,
    fallback: true,
    giveUpHours: 24,
    expiry: false,
    messageIds: [],
    targets: [
      {
        targetId: null,
        app: 'bench',
        provider: 'tpns',
        handle,
        audience: 'all',
        audienceSize: null,
        batches: [],
        addressing: 'task',
        tokensDigest: null,
        plan: { requested: 'revoke', ladder: ['revoke', 'stop'], steps: {}, refusal: null, audienceSize: null },
        linkedId: null,
        firstStep: 'read',
        lastRecallTargetId: null,
      },
    ],
    key: null,
  }
}

async function openMigrated(url: string): Promise<Ledger> {
  const ledger = await openLedger(url, { snapshot: await packSnapshot(), connections: 10 })
  await migrate(ledger)
  return ledger
}

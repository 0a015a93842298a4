import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { type AuditDigest, signDigest } from '../../shared/audit/digest.ts'
import { verifyTrail } from '../../shared/audit/verify.ts'
import { ownValues, sealAudit } from '../../shared/ledger/audit.ts'
import { auditAfter } from '../../shared/ledger/audit-check.ts'
import { appendAudit } from '../support/append-audit.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { stepsOf } from '../support/steps.ts'
import { admitPlanned } from '../support/planned-recall.ts'
import { forge, forgeriesOf } from './forge.ts'
import { asOwner, tamper, tamperings } from './tamper.ts'

const length = soak ? 10_000 : 1000
const signed = [length / 5, length / 2, length / 2 + 1, length]
const numRuns = soak ? 1000 : 60
/** Of so many the first admits a recall, the last seven are the ledger's own, the rest is signed. */
const period = 50
const admissions = Array.from({ length: length / period }, (_, index) => index * period + 1)
const isAdmission = (seq: number) => seq % period === 1
const isOwn = (seq: number) => (seq - 1) % period >= period - 7

describeOnLedgers('a long trail', (ledger, engine) => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const key = randomBytes(32)
  const digests: AuditDigest[] = []
  const recalls: string[] = []
  beforeAll(async () => {
    const overlays = {
      app: 'app',
      operation: 'overlay',
      ladder: ['overlay', 'stop'],
      batches: [],
      giveUpHours: 1,
    } as const
    for (const first of admissions) {
      recalls.push(await admitPlanned(ledger(), overlays, key))
      const rest = Array.from({ length: period - 1 }, (_, index) => first + index + 1)
      await appendAudit(
        ledger(),
        rest
          .filter(seq => !isOwn(seq))
          .map(seq => ({
            by: { id: `key:${seq % 7}`, person: seq % 3 > 0 ? `李${seq % 5}` : null },
            action: 'delivery.replayed',
            object: `dlv_${seq}`,
            detail: { subscriber: `s${seq}` },
          })),
        key,
      )
      await ledger().query(
        `insert into audit_entry (entry, request, mac, actor, person, action, object, detail)
         select ${ownValues}, 'recall.settled', 'rcl_' || n, json_build_object('by', 'ledger', 'state', 'done')
         from generate_series(1, $1::text::int) n`,
        [rest.filter(isOwn).length],
      )
    }
    await sealAudit(ledger(), length)
    for (const seq of signed) {
      const [record] = await auditAfter(ledger(), seq - 1, 1)
      if (record !== undefined) digests.push(signDigest(record, privateKey))
    }
  })

  it('hold as they are', async () => {
    const end = { seq: length, hash: digests.at(-1)?.hash }
    expect(await verifyTrail(ledger(), { digests, macKeys: [randomBytes(32), key] })).toMatchObject({
      kind: 'whole',
      end,
      waiting: 0,
    })
    expect(await verifyTrail(ledger())).toMatchObject({ kind: 'whole', end })
  })

  it('name the first that was signed with another key, unless it was introduced later', async () => {
    const macKeys = [randomBytes(32)]
    expect(await verifyTrail(ledger(), { macKeys })).toMatchObject({ kind: 'broken', seq: 1 })
    expect(await verifyTrail(ledger(), { macKeys, macsSince: length + 1 })).toMatchObject({ kind: 'whole' })
  })

  it(
    'falsified by whoever owns the tables, in whatever way: it is found, and the first bad one named',
    async context => {
      let found = 0
      const step = stepsOf(context)
      const either = fc.oneof(
        fc.record({ tampering: tamperings(length), keyed: fc.boolean() }),
        fc.record({ forgery: forgeriesOf(admissions.length) }),
      )
      await fc.assert(
        fc.asyncProperty(either, async how => {
          const { check, expected } = await asOwner(ledger(), async sql => {
            for (const table of ['audit', 'audit_unsealed']) await sql.query(`alter table ${table} disable trigger all`)
            if ('forgery' in how) {
              const expected = await step('forge', () => forge(sql, how.forgery, length, admissions, key))
              return { expected, check: await step('verify', () => verifyTrail(sql, { digests, macKeys: [key] })) }
            }
            await sql.query('alter table audit drop constraint audit_pkey')
            await sql.query('create index on audit (seq)')
            const { tampering, keyed } = how
            const known = keyed || isKnown(tampering.at, tampering.way)
            const seq = await step('tamper', () => tamper(sql, tampering, length, signed, known))
            const check = await step('verify', () => verifyTrail(sql, { digests, macKeys: keyed ? [key] : [] }))
            return { check, expected: { kind: 'broken', seq } }
          })
          expect(check).toMatchObject(expected)
          found += 1
        }),
        { numRuns, verbose: 1 },
      )
      expect(await verifyTrail(ledger(), { digests, macKeys: [key] })).toMatchObject({ kind: 'whole' })
      figure(context, `audit trail of ${length} records falsified (${engine})`, `${found} of ${numRuns} found`, 'all')
    },
    soak ? 1_800_000 : 300_000,
  )
})

/** Without its MAC too: another actor is not the recall's, and no statement of the ledger acts under another name. */
function isKnown(seq: number, way: string): boolean {
  return way !== 'cut and go on' && (isAdmission(seq) || isOwn(seq))
}

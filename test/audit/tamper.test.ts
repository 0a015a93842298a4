import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { type AuditDigest, signDigest } from '../../shared/audit/digest.ts'
import { verifyTrail } from '../../shared/audit/verify.ts'
import { auditAfter } from '../../shared/ledger/audit.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { asOwner, tamper, tamperings } from './tamper.ts'

const length = 10_000
const signed = [2000, 5000, 5001, length]
const numRuns = soak ? 1000 : 30

describeOnLedgers('ten thousand records', (ledger, engine) => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const digests: AuditDigest[] = []
  beforeAll(async () => {
    await ledger().query(
      `insert into audit_entry (actor, person, action, object, detail)
       select 'key:' || n % 7, case when n % 3 > 0 then '李' || n % 5 end, 'recall.admitted', 'rcl_' || n,
         json_build_object('reason', 'r' || n)
       from generate_series(1, $1::text::int) n`,
      [length],
    )
    await ledger().query('select seal_audit($1::text::int)', [length])
    for (const seq of signed) {
      const [record] = await auditAfter(ledger(), seq - 1, 1)
      if (record !== undefined) digests.push(signDigest(record, privateKey))
    }
  })

  it('hold as they are', async () => {
    const end = { seq: length, hash: digests.at(-1)?.hash }
    expect(await verifyTrail(ledger(), digests)).toEqual({ kind: 'whole', end })
  })

  it(
    'falsified by whoever owns the tables, in whatever way: it is found, and the first bad one named',
    async context => {
      let found = 0
      await fc.assert(
        fc.asyncProperty(tamperings(length), async tampering => {
          const { check, seq } = await asOwner(ledger(), async sql => {
            await sql.query('alter table audit disable trigger all')
            await sql.query('alter table audit drop constraint audit_pkey')
            await sql.query('create index on audit (seq)')
            const seq = await tamper(sql, tampering, length, signed)
            return { seq, check: await verifyTrail(sql, digests) }
          })
          expect(check).toMatchObject({ kind: 'broken', seq })
          found += 1
        }),
        { numRuns, verbose: 1 },
      )
      expect(await verifyTrail(ledger(), digests)).toMatchObject({ kind: 'whole' })
      figure(context, `audit trail of 10,000 records falsified (${engine})`, `${found} of ${numRuns} found`, 'all')
    },
    soak ? 600_000 : 30_000,
  )
})

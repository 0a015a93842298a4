import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chainStart, followChain } from '../../shared/audit/chain.ts'
import { readAuditHead, readUnsealed, sealAudit } from '../../shared/ledger/audit.ts'
import { auditAfter } from '../../shared/ledger/audit-check.ts'
import { appendAudit } from '../support/append-audit.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

const by = { id: 'key:test', person: null }

describeOnLedgers('the audit chain', ledger => {
  const seal = async (): Promise<void> => {
    while ((await sealAudit(ledger(), 100)) !== 0) {
      // null: another one is at it, and may leave something
    }
  }

  it('is computed by PostgreSQL and by Node alike, whatever the record holds', async () => {
    const text = fc.string({ unit: 'grapheme' }).map(value => value.replaceAll('\0', ''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            by: fc.record({ id: text, person: fc.option(text) }),
            action: text,
            object: text,
            detail: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text))),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        async entries => {
          const before = await readAuditHead(ledger())
          // `apps` is the one member of a detail that has a meaning of its own
          await appendAudit(
            ledger(),
            entries.map(entry => ({ ...entry, detail: { ...entry.detail, apps: ['app'] } })),
          )
          await seal()
          const records = await auditAfter(ledger(), before.seq, 100)
          const { seq, hash } = await readAuditHead(ledger())
          expect(followChain(before, records)).toEqual({ seq, hash })
          expect(records.map(({ actor, person, action, object }) => ({ actor, person, action, object }))).toEqual(
            entries.map(({ by, action, object }) => ({ actor: by.id, person: by.person, action, object })),
          )
        },
      ),
      { numRuns: 30 },
    )
  })

  it('has no gaps and no repeats, however many seal at once', async () => {
    const before = await readAuditHead(ledger())
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; i < 25; i++) {
        const entry = { by, action: 'test', object: `${writer}-${i}`, detail: {} }
        await (i % 5 === 0
          ? ledger()
              .transaction(async sql => {
                await appendAudit(sql, [{ ...entry, object: 'undone' }])
                throw new Error('undone')
              })
              .catch(() => {})
          : appendAudit(ledger(), [entry]))
        await sealAudit(ledger(), 7)
      }
    })
    await Promise.all(writers)
    await seal()
    const records = await auditAfter(ledger(), before.seq, 1000)
    expect(records.length).toBe(8 * 20)
    expect(new Set(records.map(({ object }) => object)).size).toBe(8 * 20)
    expect(records.some(({ object }) => object === 'undone')).toBe(false)
    expect(followChain(before, records)).toHaveProperty('seq', before.seq + records.length)
    // what one writer wrote stands in the order in which it wrote it
    for (let writer = 0; writer < 8; writer++) {
      const own = records.flatMap(({ object }) => (object.startsWith(`${writer}-`) ? [Number(object.slice(2))] : []))
      expect(own).toEqual([...own].sort((a, b) => a - b))
    }
    expect(await readUnsealed(ledger())).toMatchObject({ count: 0, seconds: 0 })
  })

  it('is append-only: what is in it stays as it is, and what waits leaves only into it', async () => {
    await appendAudit(ledger(), [{ by, action: 'test', object: 'kept', detail: { a: 1 } }])
    await seal()
    await appendAudit(ledger(), [{ by, action: 'test', object: 'waits', detail: {} }])
    for (const statement of [
      "update audit set actor = 'somebody else'",
      'delete from audit',
      'truncate audit',
      "update audit_unsealed set actor = 'somebody else'",
      'delete from audit_unsealed',
      'truncate audit_unsealed',
    ])
      await expect(ledger().query(statement)).rejects.toThrow(/append-only/)
    await seal()
    expect(followChain(chainStart, await auditAfter(ledger(), 0, 1000))).toHaveProperty(
      'seq',
      (await readAuditHead(ledger())).seq,
    )
  })
})

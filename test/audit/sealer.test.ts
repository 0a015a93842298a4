import { expect, it } from 'vitest'
import { createSealer } from '../../shared/audit/sealer.ts'
import { readAuditHead, readUnsealed } from '../../shared/ledger/audit.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Sql } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { appendAudit } from '../support/append-audit.ts'
import { describeOnLedgers, describeOnPostgres } from '../support/ledgers.ts'

const log = createLog({ level: 'silent' })
const entries = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    by: { id: 'key:test', person: null },
    action: 'test',
    object: `o${i}`,
    detail: {},
  }))

describeOnLedgers('the sealer', ledger => {
  it('seals in one go what comes within a moment', async () => {
    const statements: string[] = []
    const counted: Sql = {
      query: (text, parameters) => {
        statements.push(text)
        return ledger().query(text, parameters)
      },
    }
    const sealer = createSealer(counted, log)
    const before = await readAuditHead(ledger())
    for (const entry of entries(20)) {
      await appendAudit(ledger(), [entry])
      sealer.soon()
    }
    await sealer.idle()
    expect((await readAuditHead(ledger())).seq).toBe(before.seq + 20)
    // one for each tenth of a second that the appends took, and one at the end
    expect(statements.length).toBeLessThan(15)
  })

  it('goes on until nothing is left, also of more than it takes at once', async () => {
    const before = await readAuditHead(ledger())
    await appendAudit(ledger(), entries(1200))
    await createSealer(ledger(), log).now()
    expect((await readAuditHead(ledger())).seq).toBe(before.seq + 1200)
    expect((await readUnsealed(ledger())).count).toBe(0)
  })

  it('leaves it to sweep where the ledger is away, and says so', async () => {
    const lines: string[] = []
    const away: Sql = { query: () => Promise.reject(new Error('away')) }
    const sealer = createSealer(away, createLog({ stream: { write: line => lines.push(line) } }))
    sealer.soon()
    await sealer.idle()
    expect(lines.join('')).toContain('audit entries not sealed yet')
    await expect(sealer.now()).rejects.toThrow('away')
  })
})

describeOnPostgres('the sealer beside another one', url => {
  it('waits for whoever holds the lock, and then seals what that one did not see', async () => {
    const ledger = await openLedger(url(), { connections: 3 })
    const sealer = createSealer(ledger, log)
    try {
      await appendAudit(ledger, entries(1))
      const others: Promise<void>[] = []
      await ledger.transaction(async sql => {
        await sql.query('select seal_audit(10)')
        await appendAudit(ledger, entries(1))
        sealer.soon()
        others.push(sealer.now())
        await new Promise(resolve => setTimeout(resolve, 150))
        expect((await readAuditHead(ledger)).seq).toBe(0)
      })
      await Promise.all([sealer.idle(), ...others])
      await sealer.now()
      expect((await readAuditHead(ledger)).seq).toBe(2)
    } finally {
      await ledger.close()
    }
  })
})

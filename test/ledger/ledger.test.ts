import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FolderLocked, lockFolder } from '../../shared/ledger/folder-lock.ts'
import { LedgerMismatch, migrate } from '../../shared/ledger/migrate.ts'
import { beginReading } from '../../shared/ledger/records.ts'
import type { Fare } from '../../shared/providers/provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

describeOnLedgers('the ledger', ledger => {
  it('gives the same types on both engines', async () => {
    const [row] = await ledger().query(
      `select 9007199254740991::bigint as big, 1::int as small, true as yes, null as nothing, '{"a":[1]}'::jsonb as json,
         $1::text as text, $2::text::boolean as flag, timestamptz '2026-11-23 08:00:00.123+08' as at, 1.5::float8 as float`,
      ['x"\\', false],
    )
    expect(row).toEqual({
      big: 9_007_199_254_740_991,
      small: 1,
      yes: true,
      nothing: null,
      json: { a: [1] },
      text: 'x"\\',
      flag: false,
      at: new Date('2026-11-23T00:00:00.123Z'),
      float: 1.5,
    })
  })

  it('undoes a transaction that fails, and goes on', async () => {
    await expect(
      ledger().transaction(async sql => {
        await sql.query("insert into pulse (name) values ('undone')")
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await ledger().query("select name from pulse where name = 'undone'")).toEqual([])
  })

  it('lets a burst through at once, and not one more', async () => {
    const fare = { lane: { name: 'r', kind: 'rate', perSecond: 0.001, burst: 5 }, cost: 1 } as const
    const waits = await Promise.all(Array.from({ length: 9 }, (_, index) => waitOf(fare, String(index))))
    expect(waits.filter(wait => wait === 0)).toHaveLength(5)
    // one more in a thousand seconds
    for (const ms of waits.filter(wait => wait !== 0)) expect(ms).toBeGreaterThan(990_000)
  })

  it('never spends a window over its limit, and says how long to wait', async () => {
    const fare = { lane: { name: 'w', kind: 'window', limit: 3, windowMs: 60_000 }, cost: 1 } as const
    const waits = await Promise.all(Array.from({ length: 8 }, (_, index) => waitOf(fare, String(index))))
    expect(waits.filter(ms => ms === 0).length).toBe(3)
    for (const ms of waits.filter(wait => wait !== 0)) expect(ms).toBeGreaterThan(55_000)
  })

  /** 0: the vendor may be asked about that push. */
  async function waitOf(fare: Fare, handle: string): Promise<number> {
    const place = { app: 'a', handle, budget: 'c', lane: fare.lane.name }
    const reading = await beginReading(ledger(), place, fare, 60_000, 10_000)
    return reading.kind === 'used_up' ? reading.waitMs : 0
  }

  it('migrates again without harm, and refuses a newer ledger in one line', async () => {
    await migrate(ledger())
    await ledger().query("insert into migration (version, name) values (999, 'later')")
    await expect(migrate(ledger())).rejects.toThrow(LedgerMismatch)
    await ledger().query('delete from migration where version = 999')
  })

  it('refuses a ledger of before the first release in one line', async () => {
    await ledger().query('update migration set version = version - 100')
    try {
      await expect(migrate(ledger())).rejects.toThrow(/^The ledger is at version \d+, from before the first release/)
    } finally {
      await ledger().query('update migration set version = version + 100')
    }
  })
})

describe('the folder lock', () => {
  it('admits one, and takes over from the dead at once', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'unpush-lock-'))
    const folder = join(parent, 'ledger')
    try {
      const unlock = await lockFolder(folder)
      await expect(lockFolder(folder)).rejects.toThrow(FolderLocked)
      await unlock()
      await writeFile(`${folder}.lock`, '999999 1\n')
      const again = await lockFolder(folder)
      await again()
      await writeFile(`${folder}.lock`, `${process.pid} 1\n`)
      const recycled = await lockFolder(folder)
      await recycled()
    } finally {
      await rm(parent, { recursive: true, force: true })
    }
  })
})

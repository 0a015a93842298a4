/** A transaction whose connection dies between two statements: it fails, nothing else does, and no exception is left to nobody. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger, Sql } from '../../shared/ledger/sql.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { startTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy.ts'

describeOnPostgres('a connection that is lost in a transaction', url => {
  let proxy: TcpProxy
  let ledger: Ledger
  const uncaught: unknown[] = []
  const note = (error: unknown) => uncaught.push(error)
  beforeAll(async () => {
    process.on('uncaughtException', note)
    proxy = await startTcpProxy({ port: Number(new URL(url()).port) })
    ledger = await openLedger(throughProxy(url(), proxy), { connections: 2 })
    await ledger.query('create table lost (n int)')
  })
  afterAll(async () => {
    process.off('uncaughtException', note)
    await ledger.close()
    await proxy.close()
  })

  const lose = async () => {
    proxy.inflict({ kind: 'down' })
    await new Promise(resolve => setTimeout(resolve, 50))
    proxy.inflict(null)
  }
  const pause = () => new Promise(resolve => setTimeout(resolve, 50))
  it.each<[string, (sql: Sql) => Promise<unknown>]>([
    ['asks for more', async sql => (await lose(), sql.query('insert into lost values (2)'))],
    [
      'asks for more after a statement that was lost',
      async sql => {
        const asked = sql.query('select pg_sleep(1)').catch(() => null)
        await lose()
        await asked
        await pause()
        return sql.query('insert into lost values (2)')
      },
    ],
    [
      'goes on whatever comes of it',
      async sql => {
        const asked = sql.query('select pg_sleep(1)').catch(() => null)
        await lose()
        await asked
        for (let n = 0; n < 3; n++) {
          await pause()
          await sql.query('select 1').catch(() => null)
        }
      },
    ],
    ['comes to its end', lose],
    [
      'fails by itself after a statement that was lost',
      async sql => {
        const asked = sql.query('select pg_sleep(1)').catch(() => null)
        await lose()
        await asked
        await pause()
        throw new Error('something else')
      },
    ],
  ])('rejects where its work %s', async (_what, more) => {
    const work = ledger.transaction(async sql => {
      await sql.query('insert into lost values (1)')
      return more(sql)
    })
    await expect(work).rejects.toMatchObject({ code: expect.stringMatching(/^(CONNECTION_|ECONN)/) })
    // what the work still does is done
    for (let n = 0; n < 5; n++) await pause()
    expect(uncaught).toEqual([])
    // the next statement has another connection
    expect(await ledger.query('select 1 as one')).toEqual([{ one: 1 }])
    expect(await ledger.query('select n from lost')).toEqual([])
  })
})

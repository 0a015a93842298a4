/** A ledger that lets nobody in is looked for where its secret says it is now, once a minute at most, and nothing is done twice. */
import { afterEach, describe, expect, it } from 'vitest'
import type { LedgerAddress } from '../../shared/ledger/address.ts'
import { readLedgerAddress } from '../../shared/ledger/address.ts'
import { openRenewable } from '../../shared/ledger/renewable.ts'
import { isOutage, type Ledger, type Sql } from '../../shared/ledger/sql.ts'
import { LedgerUnreachable } from '../../shared/ledger/unreachable.ts'
import { rereadLedger } from '../../shared/secrets/ledger.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { sourceOfDocuments } from '../../shared/secrets/source.ts'

/** What rotations, moves and certificates look like to a session that begins. */
const refusals = [
  '28P01',
  '28000',
  '3D000',
  'CERT_HAS_EXPIRED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ECONNREFUSED',
  'ENOTFOUND',
]

const urlOf = (password: string) => `postgres://app:${password}@127.0.0.1:1/x`
let ledger: Ledger
afterEach(() => ledger.close())

/** A server that lets in one password, a secret that holds one, and a clock. */
async function open({ refusal = '28P01' } = {}) {
  const world = { password: 'a', secret: 'a', nowMs: 0, fetches: 0, ran: [] as string[], open: 0, malformed: false }
  const source = sourceOfDocuments('file', async () => {
    world.fetches += 1
    const url = world.malformed ? 'postgres://' : urlOf(world.secret)
    return new Map<string, unknown>([['unpush/ledger', { url }]])
  })
  const secrets = openSecrets(source, { now: () => world.nowMs })
  const openAt = async ({ password }: LedgerAddress): Promise<Ledger> => {
    world.open += 1
    const enter = () => {
      if (password !== world.password) throw new LedgerUnreachable(refusal)
    }
    const run = async <Row>(text: string): Promise<Row[]> => {
      world.ran.push(text)
      if (text === 'fails') throw Object.assign(new Error('no'), { code: '23505' })
      if (text === 'is lost') throw Object.assign(new Error('no'), { code: 'ECONNRESET' })
      return []
    }
    const sql: Sql = { query: run }
    return {
      engine: 'postgres',
      query: async <Row>(text: string) => {
        enter()
        return run<Row>(text)
      },
      transaction: async body => {
        enter()
        return body(sql)
      },
      together: body =>
        body({
          query: async <Row>(text: string) => {
            enter()
            return run<Row>(text)
          },
        }),
      script: async text => {
        enter()
        await run(text)
      },
      close: async () => void (world.open -= 1),
    }
  }
  ledger = await openRenewable(readLedgerAddress(urlOf('a')), {
    open: openAt,
    reread: () => rereadLedger(secrets, 'api').catch(() => null),
  })
  return world
}

describe('a ledger whose password is rotated', () => {
  it.each(refusals)('goes on by the new one, where it was refused by %s', async refusal => {
    const world = await open({ refusal })
    await ledger.query('1')
    world.password = world.secret = 'b'
    await Promise.all([ledger.query('2'), ledger.transaction(sql => sql.query('3')), ledger.script('4')])
    expect(world.ran.sort()).toEqual(['1', '2', '3', '4'])
    expect([world.fetches, world.open]).toEqual([1, 1])
  })

  it('asks for its secret once a minute, however many are refused, and says 503 until it has changed', async () => {
    const world = await open()
    world.password = 'b'
    const refused = async () => {
      const asked = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => ledger.query(`${n}`)))
      return asked.filter(one => one.status === 'rejected' && isOutage(one.reason)).length
    }
    for (let second = 0; second < 180; second++) {
      world.nowMs = second * 1000
      expect(await refused()).toBe(50)
    }
    expect(world.fetches).toBe(3)
    world.secret = 'b'
    let last = 0
    for (let second = 180; second < 260; second++) {
      world.nowMs = second * 1000
      if ((await refused()) > 0) last = second
    }
    expect(last).toBeLessThan(180 + 60)
    expect(world.fetches).toBe(4)
    expect(world.open).toBe(1)
  })

  it('keeps what it has where the new secret cannot be read', async () => {
    const world = await open()
    world.password = 'b'
    world.malformed = true
    await expect(ledger.query('1')).rejects.toThrow(/does not take the password/)
    world.password = 'a'
    await ledger.query('2')
    expect(world.ran).toEqual(['2'])
  })

  it('runs no transaction twice whose body has run, and sends again only what was never sent', async () => {
    const world = await open()
    world.secret = 'b'
    let runs = 0
    const broken = ledger.transaction(async () => {
      runs += 1
      world.password = 'b'
      throw new LedgerUnreachable('28P01')
    })
    await expect(broken).rejects.toThrow(/does not take the password/)
    expect(runs).toBe(1)
    world.password = 'a'
    for (const text of ['fails', 'is lost']) await expect(ledger.query(text)).rejects.toThrow('no')
    expect(world.ran).toEqual(['fails', 'is lost'])
    expect(world.fetches).toBe(0)
  })

  it('opens nothing once it is closed', async () => {
    const world = await open()
    world.password = world.secret = 'b'
    const late = ledger.query('1')
    await ledger.close()
    await late.catch(() => {})
    expect(world.open).toBe(0)
  })
})

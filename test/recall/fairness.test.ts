import { expect, it } from 'vitest'
import { migrate } from '../../shared/ledger/migrate.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import type { Apps } from '../../shared/recall/apps.ts'
import { createDrainer, type Drainer } from '../../shared/recall/drain.ts'
import { fakeProvider, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitPlanned } from '../support/planned-recall.ts'

/** So slow that a busy machine keeps up: what is tested is who gets how much. */
const perSecond = 30

describeOnLedgers('apps that share a credential', ledger => {
  it('each have half of its rate while the other waits, however much more one has to do', async () => {
    const { drainer, made } = await start(ledger())
    await admit('large', 2000)
    // the first has the credential to itself, and its backlog comes back in turns
    while (made.length === 0) await drainer.run(null, Date.now() + 1000)
    const small = await admit('small', 30)
    // four seconds' worth, however long that takes a busy machine
    for (let turns = 0; turns < 30 && (await stateOf(small)) !== 'done'; turns++) {
      await drainer.run(null, Date.now() + 2000)
      await drainer.idle()
    }
    const since = made.findIndex(app => app === 'small')
    const shared = made.slice(since, made.lastIndexOf('small') + 1)
    const share = shared.filter(app => app === 'small').length / shared.length
    expect(since).toBeGreaterThan(0)
    expect(share).toBeGreaterThan(0.4)
    expect(await stateOf(small)).toBe('done')
  })

  async function stateOf(id: string): Promise<string | undefined> {
    const [recall] = await ledger().query<{ state: string }>('select state from recall where id = $1::text', [id])
    return recall?.state
  }

  async function admit(app: string, units: number): Promise<string> {
    const batches = Array.from({ length: units }, () => 1)
    return admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches,
      giveUpHours: 1,
      as: { app, provider: 'fake-tokens', handle: app },
    })
  }
})

async function start(sql: Ledger): Promise<{ drainer: Drainer; made: string[] }> {
  await migrate(sql)
  await sql.query('delete from bucket')
  const made: string[] = []
  const { provider } = fakeProvider({
    addressing: 'tokens',
    perSecond,
    burst: 10,
    answer: ({ handle }) => {
      made.push(handle)
      return yes
    },
  })
  const apps: Apps = {
    names: async () => ['large', 'small'],
    find: async name => ({ name, provider, credentials: { provider: provider.name } }),
    renew: async () => false,
  }
  const drainer = createDrainer({
    sql,
    apps,
    send: async () => ({ failure: 'unreached', detail: 'never called' }),
    log: createLog({ level: 'error' }),
    now: Date.now,
    chance: Math.random,
    vendorTimeoutMs: 1000,
    inFlight: 32,
  })
  return { drainer, made }
}

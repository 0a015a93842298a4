import { expect, it } from 'vitest'
import { type LedgerUser, readLedger } from '../../shared/secrets/ledger.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'

const all = ['unpush/ledger', 'unpush/ledger-public', 'unpush/ledger-workers', 'unpush/ledger-owner']
const urlOf = (name: string) => `postgres://${name.slice('unpush/'.length)}@db/unpush`

async function read(user: LedgerUser, there: readonly string[]): Promise<{ url: string | null; asked: string[] }> {
  const asked: string[] = []
  const secrets = openSecrets({
    name: 'test',
    fetch: async name => {
      asked.push(name)
      return there.includes(name) ? JSON.stringify({ url: urlOf(name) }) : null
    },
  })
  const url = await readLedger(secrets, user).then(
    found => `postgres://${found.user}@db/unpush`,
    (error: Error) => error.message,
  )
  return { url, asked }
}

it('each class has a database user of its own, and asks for no other', async () => {
  expect(await read('api', all)).toEqual({ url: urlOf('unpush/ledger'), asked: ['unpush/ledger'] })
  for (const user of ['public', 'workers', 'owner'] as const) {
    const own = `unpush/ledger-${user}`
    expect(await read(user, all)).toEqual({ url: urlOf(own), asked: [own] })
  }
})

it('who has none of its own is the API’s user, but never the owner, and the owner is nobody else', async () => {
  for (const user of ['public', 'workers'] as const)
    expect((await read(user, ['unpush/ledger', 'unpush/ledger-owner'])).url).toBe(urlOf('unpush/ledger'))
  const missing = { url: 'secret unpush/ledger-owner: there is no such secret', asked: ['unpush/ledger-owner'] }
  expect(await read('owner', ['unpush/ledger'])).toEqual(missing)
})

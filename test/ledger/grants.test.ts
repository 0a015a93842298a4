/** The two users that docs/deploy.*.md set up: migrations as the owner, functions as one that may only read and write rows. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { main_handler as sweep } from '../../functions/sweep.ts'
import { readConfig } from '../../shared/config.ts'
import { migrate } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, useRuntime } from '../../shared/runtime.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { admitBatches } from '../support/planned-recall.ts'

const documents = ['deploy.tencent.md', 'deploy.tencent.zh-CN.md', 'deploy.aws.md']
const sqlOf = (name: string) =>
  /```sql\n([^`]+)```/.exec(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'))?.[1] ?? ''
const statements = (sql: string) => sql.replaceAll(/--.*$/gm, '').trim()

describeOnPostgres('the users of the documents', url => {
  it('are the same in all of them', () => {
    for (const name of documents) expect(statements(sqlOf(name))).toBe(statements(sqlOf('deploy.aws.md')))
  })

  it('can do their part, and the functions no more than that', async () => {
    const mark = randomBytes(4).toString('hex')
    const [before = '', after = ''] = statements(sqlOf('deploy.aws.md'))
      .replaceAll("password '…'", `password 'p${mark}'`)
      .replaceAll(/\bunpush(?=[ _;]|$)/g, `u${mark}`)
      .split(/\\c .*\n/)
    const server = await openLedger(url(), { connections: 1 })
    const as = (user: string) => {
      const address = new URL(url())
      address.username = `u${mark}_${user}`
      address.password = `p${mark}`
      address.pathname = `/u${mark}`
      return openLedger(address.href, { connections: 2 })
    }
    // one by one: a database is not made inside of a transaction
    for (const statement of before.split(';').filter(text => text.trim() !== '')) await server.query(statement)
    const [owner, app] = [await as('owner'), await as('app')]
    try {
      await owner.script(after)
      await migrate(owner)
      const id = await admitBatches(app, 3)
      const secrets = openSecrets({ name: 'none', fetch: async () => null })
      useRuntime(createRuntime(readConfig({}), secrets, app, createLog({ level: 'silent' })))
      await app.query("update work set state = 'done', result = 'accepted', accepted = devices")
      await sweep({ Type: 'Timer', TriggerName: 'sweep', Time: '', Message: '' }, { time_limit_in_ms: 20_000 })
      expect((await readRecalls(app, [id])).map(recall => recall?.state)).toEqual(['done'])
      await expect(app.query('drop table work')).rejects.toMatchObject({ code: '42501' })
      await expect(app.query('create table x ()')).rejects.toMatchObject({ code: '42501' })
      await expect(app.query('truncate recall')).rejects.toMatchObject({ code: '42501' })
      for (const statement of [
        'insert into audit select * from audit',
        "insert into audit_unsealed (actor, action, object, detail) values ('key:x', 'x', 'x', '{}')",
        'delete from audit_unsealed',
        'select * from audit_entry',
        'select from audit_lock for update',
        'update audit_lock set patience = $$1 day$$',
      ])
        await expect(app.query(statement), statement).rejects.toMatchObject({ code: '42501' })
    } finally {
      useRuntime(null)
      await Promise.all([owner.close(), app.close()])
      await server.query(`drop database u${mark} with (force)`)
      await server.query(`drop role u${mark}_app`)
      await server.query(`drop role u${mark}_owner`)
      await server.close()
    }
  })
})

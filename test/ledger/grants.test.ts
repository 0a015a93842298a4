/** The two users that docs/deploy.*.md set up: migrations as the owner, functions as one that may only read and write rows. */
import { expect, it } from 'vitest'
import { main_handler as sweep } from '../../functions/sweep.ts'
import { readConfig } from '../../shared/config.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, useRuntime } from '../../shared/runtime.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { deployDocuments, openDocumentedUsers, statementsOf } from '../support/documented-users.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { admitBatches } from '../support/planned-recall.ts'

describeOnPostgres('the users of the documents', url => {
  it('are the same in all of them', () => {
    for (const name of deployDocuments) expect(statementsOf(name)).toBe(statementsOf('deploy.aws.md'))
  })

  it('can do their part, and the functions no more than that', async () => {
    const users = await openDocumentedUsers(url())
    const { app } = users
    try {
      const id = await admitBatches(app, 3)
      const secrets = openSecrets({ name: 'none', fetch: async () => null })
      useRuntime(createRuntime(readConfig({}), secrets, app, createLog({ level: 'silent' })))
      await app.query("update work set state = 'done', result = 'accepted', accepted = devices")
      await sweep({ Type: 'Timer', TriggerName: 'sweep', Time: '', Message: '' }, { time_limit_in_ms: 20_000 })
      expect((await readRecalls(app, [id])).map(recall => recall?.state)).toEqual(['done'])
      await expect(app.query('drop table work')).rejects.toMatchObject({ code: '42501' })
      await expect(app.query('create table x ()')).rejects.toMatchObject({ code: '42501' })
      await expect(app.query('truncate recall')).rejects.toMatchObject({ code: '42501' })
    } finally {
      useRuntime(null)
      await users.close()
    }
  })
})

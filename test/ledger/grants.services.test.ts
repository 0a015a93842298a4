/** The users that docs/deploy.*.md set up: the owner migrates, and each class of functions does its work and nothing beyond. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '../../shared/config.ts'
import { type FunctionClass, type FunctionName, functions } from '../../shared/functions.ts'
import { migrate } from '../../shared/ledger/migrate.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, type Runtime } from '../../shared/runtime.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import {
  deployDocuments,
  type DocumentedUsers,
  openDocumentedUsers,
  statementsOf,
} from '../support/documented-users.ts'
import { type EveryFunction, openEveryFunction } from '../support/every-function.ts'
import { describeOnPostgres } from '../support/ledgers.ts'

describeOnPostgres('the users of the documents', url => {
  let users: DocumentedUsers
  let every: EveryFunction
  let ledgers: { readonly [C in FunctionClass]: Ledger }
  beforeAll(async () => {
    ;[users, every] = await Promise.all([openDocumentedUsers(url()), openEveryFunction()])
    ledgers = { api: users.app, public: await users.open('public'), workers: await users.open('workers') }
  })
  afterAll(async () => {
    await users?.close()
    await every?.close()
  })

  it('are the same in all of them', () => {
    for (const name of deployDocuments) expect(statementsOf(name)).toBe(statementsOf('deploy.aws.md'))
  })

  it('can do their part: every function, all that it does', async () => {
    const lines: string[] = []
    const runtimes = new Map<FunctionName, Runtime>()
    const runtimeOf = (name: FunctionName): Runtime => {
      const known = runtimes.get(name)
      if (known !== undefined) return known
      const log = createLog({ stream: { write: line => lines.push(line) } })
      const fetch = async (secret: string) =>
        secret in every.documents ? JSON.stringify(every.documents[secret]) : null
      const secrets = openSecrets({ name: 'test', fetch }, { log })
      const made = createRuntime(readConfig({}), secrets, ledgers[functions[name].class], log, async () => {})
      runtimes.set(name, made)
      return made
    }
    const wrong = await every.run(runtimeOf, users.owner)
    // also what was refused to them and only logged
    const denied = lines.flatMap(line => /permission denied for \w+ \w+/.exec(line) ?? [])
    expect({ denied, wrong }).toEqual({ denied: [], wrong: [] })
  })

  it('have every table that is theirs by name, and no other', async () => {
    const tables = await users.owner.query<{ name: string }>(
      `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')`,
    )
    const granted = await users.owner.query<{ name: string }>(
      `select distinct table_name as name from information_schema.role_table_grants where grantee <> current_user`,
    )
    const names = new Set(granted.map(({ name }) => name))
    // a new table that nobody may use is most likely one that grants.sql was not told of
    expect(
      tables
        .map(({ name }) => name)
        .filter(name => !names.has(name))
        .sort(),
    ).toEqual(['audit_lock', 'migration'])
  })

  it('can do no more than that', async () => {
    const refused = async (ledger: Ledger, statement: string) =>
      expect(ledger.query(statement), statement).rejects.toMatchObject({ code: '42501' })
    for (const ledger of Object.values(ledgers)) {
      await refused(ledger, 'drop table work')
      await refused(ledger, 'create table x ()')
      await refused(ledger, 'truncate recall')
      await refused(ledger, 'delete from recall')
      await refused(ledger, 'insert into audit select * from audit')
      await refused(ledger, 'delete from audit_unsealed')
      await refused(ledger, 'select from audit_lock for update')
      await refused(ledger, 'select from migration')
    }
    const readable = await ledgers.public.query<{ name: string }>(
      `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
        and has_table_privilege(c.oid, 'select, insert, update, delete') order by 1`,
    )
    expect(readable.map(({ name }) => name)).toEqual(['notice', 'pulse'])
    for (const statement of [
      'select from token_batch',
      'update pulse set at = now()',
      'delete from notice',
      'select seal_audit(1)',
    ])
      await refused(ledgers.public, statement)
    // the kill switch is the API's to set, and old tokens and verdicts are the workers' to delete
    await refused(
      ledgers.workers,
      "insert into pause (id, kind, subject, reason, paused_by) values ('x', 'key', '', '', '')",
    )
    await refused(ledgers.workers, 'delete from pause')
    for (const table of ['verdict', 'delivery', 'subscriber', 'vendor_record', 'sweeper', 'pulse'])
      await refused(ledgers.api, `delete from ${table}`)
    await refused(ledgers.api, 'update token_batch set tokens = null')
  })

  it('have after another migration what they had, and lose what was given beside it', async () => {
    const all = async () =>
      (
        await users.owner.query<{ grant: string }>(
          `select grantee || ' ' || table_name || ' ' || privilege_type as grant
          from information_schema.role_table_grants where grantee <> current_user order by 1`,
        )
      ).map(row => row.grant)
    const before = await all()
    const [publicUser = ''] = before.find(grant => grant.includes('_public '))?.split(' ') ?? []
    await users.owner.query(`grant select on token_batch to ${publicUser}`)
    expect(await all()).toHaveLength(before.length + 1)
    await Promise.all([migrate(users.owner), migrate(users.owner)])
    expect(await all()).toEqual(before)
  })
})

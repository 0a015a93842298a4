/** What the functions' own database user, with its password in other hands, can do to the trail: docs/deploy.*.md set it up. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { digestMessage, readDigests } from '../../shared/audit/digest.ts'
import { keepTrail } from '../../shared/audit/keep-trail.ts'
import { type TrailCheck, verifyTrail } from '../../shared/audit/verify.ts'
import { readConfig } from '../../shared/config.ts'
import { readAuditHead, sealAudit } from '../../shared/ledger/audit.ts'
import { trailWriters } from '../../shared/ledger/audit-check.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime } from '../../shared/runtime.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { sourceOfDocuments } from '../../shared/secrets/source.ts'
import { appendAudit } from '../support/append-audit.ts'
import { type DocumentedUsers, openDocumentedUsers } from '../support/documented-users.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { admitPlanned, type Planned } from '../support/planned-recall.ts'

const refused = { code: '42501' }
const tables = ['audit', 'audit_unsealed', 'audit_lock', 'audit_entry']
const overlays: Planned = {
  app: 'app',
  operation: 'overlay',
  ladder: ['overlay', 'stop'],
  batches: [1],
  giveUpHours: 1,
}

describeOnPostgres('the trail against unpush_app', url => {
  const key = randomBytes(32)
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  let users: DocumentedUsers
  let app: Ledger
  const lines: string[] = []

  beforeAll(async () => {
    users = await openDocumentedUsers(url())
    app = users.app
    for (let i = 0; i < 3; i++) await admitPlanned(app, overlays, key)
    await keep()
  })
  afterAll(() => users.close())

  /** As `sweep` does, as this user: seals, and lets a digest leave. */
  const keep = async (): Promise<void> => {
    const documents = { 'unpush/audit-key': pem, 'unpush/audit-mac': { key: key.toString('hex') } }
    const secrets = openSecrets(
      sourceOfDocuments('test', async () => new Map<string, unknown>(Object.entries(documents))),
    )
    const log = createLog({ stream: { write: line => lines.push(line) } })
    await keepTrail(createRuntime(readConfig({}), secrets, app, log))
  }
  /** As `verify-audit` does, with all there is to check against. */
  const check = (): Promise<TrailCheck> =>
    verifyTrail(users.owner, {
      digests: readDigests(lines.filter(line => line.includes(digestMessage)).join('')),
      macKeys: [key],
    })
  /** What is done in `body` is undone by the owner, so that the next test begins with a whole trail. */
  const undone = async (recalls: readonly string[], body: () => Promise<void>): Promise<void> => {
    const digests = lines.length
    try {
      await body()
    } finally {
      lines.length = digests
      await users.owner.script(`
      alter table audit disable trigger all; alter table audit_unsealed disable trigger all;
      delete from audit where seq > 3; delete from audit_unsealed;
      delete from recall where id in (${recalls.map(id => `'${id}'`).join(', ') || 'null'});
      alter table audit enable trigger all; alter table audit_unsealed enable trigger all`)
    }
    expect(await check()).toMatchObject({ kind: 'whole' })
  }

  it('is whole as the functions make it, and a user of theirs can do its part', async () => {
    expect(await check()).toMatchObject({ kind: 'whole', end: { seq: 3 }, macs: 3 })
    expect(await trailWriters(users.owner)).toEqual([])
  })

  it.each([
    ['AU1 update', 'update audit set actor = actor'],
    ['AU1 delete', 'delete from audit'],
    ['AU1 truncate', 'truncate audit'],
    ['AU1 triggers', 'alter table audit disable trigger all'],
    ['AU1 replication role', 'set session_replication_role = replica'],
    [
      'AU1 replaced function',
      'create or replace function seal_audit(p_limit int) returns int language sql as $$ select 0 $$',
    ],
    ['AU1 shadow table', 'create table audit_unsealed ()'],
    [
      'AU3 insert',
      'insert into audit select seq + 1, at, entry, actor, person, action, object, detail, request, mac, hash from audit',
    ],
    ['AU3 delete', 'delete from audit_unsealed'],
    ['AU3 update', "update audit_unsealed set actor = 'key:innocent'"],
    ['AU3 truncate', 'truncate audit_unsealed'],
    [
      'an entry with a number and a time of its own',
      `insert into audit_unsealed (id, at, actor, action, object, detail)
       overriding system value values (0, '2020-01-01', 'key:x', 'x', 'x', '{}')`,
    ],
    ['reading through the view', 'select * from audit_entry'],
    ['locking through the view', 'select from audit_entry for update'],
    ['changing through the view', "update audit_entry set actor = 'key:innocent'"],
    ['deleting through the view', 'delete from audit_entry'],
    ['locking what waits', 'select from audit_unsealed for update'],
    ['locking the lock', 'select from audit_lock for update'],
    ['sharing the lock', 'select from audit_lock for key share'],
    ['its patience', "update audit_lock set patience = '1 year'"],
    ['another lock', 'insert into audit_lock default values'],
    ['vacuum in the way', 'alter table audit_unsealed set (autovacuum_enabled = false)'],
  ])('refuses %s', async (_what, statement) => {
    await expect(app.query(statement)).rejects.toMatchObject(refused)
  })

  it('is not the owner, nor can become it', async () => {
    const [owner] = await users.owner.query<{ name: string }>('select current_user::text as name')
    await expect(app.query(`set role ${owner?.name}`)).rejects.toMatchObject(refused)
    // what it has it may not pass on
    await app.query('grant all on audit_unsealed to public')
    expect(await trailWriters(users.owner)).toEqual([])
  })

  it('refuses every table lock that sealing would wait for', async () => {
    const modes = ['share', 'share row exclusive', 'exclusive', 'access exclusive', 'share update exclusive']
    for (const table of tables)
      for (const mode of modes)
        await expect(
          app.transaction(sql => sql.query(`lock table ${table} in ${mode} mode nowait`)),
          `${mode} on ${table}`,
        ).rejects.toMatchObject(refused)
  })

  it('seals what waits whatever temporary tables and functions a session puts before the real ones (AU1)', () =>
    undone([], async () => {
      const session = await users.open('app')
      await session.transaction(async sql => {
        for (const table of tables.slice(0, 3)) await sql.query(`create temp table ${table} (at timestamptz)`)
        await sql.query(
          "create function pg_temp.audit_part(p_value text) returns text language sql as $$ select 'forged' $$",
        )
        await appendAudit(sql, [{ by: { id: 'key:x', person: null }, action: 'test', object: 'o', detail: {} }], key)
        expect(await sealAudit(sql, 10)).toBe(1)
      })
      expect(await check()).toMatchObject({ kind: 'whole', end: { seq: 4 }, waiting: 0 })
    }))

  it('is not held up by an advisory lock, nor by what is not committed (AU2)', () =>
    undone([], async () => {
      const session = await users.open('app')
      await session.query('select pg_advisory_lock(n) from generate_series(7041120, 7041140) n')
      const by = { id: 'key:x', person: null }
      await session.transaction(async sql => {
        await appendAudit(sql, [{ by, action: 'test', object: 'early', detail: {} }], key)
        await appendAudit(app, [{ by, action: 'test', object: 'late', detail: {} }], key)
        await keep()
        expect(await app.query('select audit_lag() as seconds')).toEqual([{ seconds: 0 }])
      })
      // one that was begun before and committed behind it is sealed behind it
      await keep()
      const sealed = await app.query<{ object: string }>('select object from audit where seq > 3 order by seq')
      expect(sealed.map(({ object }) => object)).toEqual(['late', 'early'])
      expect(await check()).toMatchObject({ kind: 'whole' })
    }))

  it('ends the session that seals in a transaction and leaves it open (AU2)', () =>
    undone([], async () => {
      await users.owner.query("update audit_lock set patience = '0 seconds'")
      const session = await users.open('app')
      const held = session.script('begin; select seal_audit(0); select pg_sleep(600)').catch((error: unknown) => error)
      // asked of the owner: a sealing of ours could come first, and the session would seal nothing and hold nothing
      const free = () => users.owner.query('select 1 from audit_lock for update skip locked')
      while ((await free()).length > 0) await new Promise(resolve => setTimeout(resolve, 10))
      const by = { id: 'key:x', person: null }
      await appendAudit(app, [{ by, action: 'test', object: 'o', detail: {} }], key)
      // the lock is held: this one seals nothing, and ends whoever holds it
      expect(await sealAudit(app, 0)).toBeNull()
      expect(await held).toMatchObject({ code: expect.stringMatching(/^(57P01|CONNECTION_CLOSED)$/) })
      await keep()
      expect(await app.query('select audit_lag() as seconds')).toEqual([{ seconds: 0 }])
      await users.owner.query("update audit_lock set patience = '20 seconds'")
    }))

  it('finds what it invents, and names the first (AU3, AU4)', async () => {
    const insert = (values: string) =>
      app.query(`insert into audit_entry (entry, request, mac, actor, person, action, object, detail) ${values}`)
    const forgeries = [
      // neither signed nor the ledger's own
      `values (null, null, null, 'key:innocent', 'zhang.san', 'recall.admitted', 'rcl_x', '{}')`,
      `values (null, null, null, 'key:innocent', null, 'recall.settled', 'rcl_x', '{}')`,
      // signed by nobody who has the key
      `select 'aud_x', request, null, 'key:innocent', 'zhang.san', action, object, detail from audit where seq = 1`,
      `select 'aud_x', request, mac, 'key:innocent', 'zhang.san', action, object, detail from audit where seq = 1`,
      `select entry, request, mac, 'key:innocent', 'zhang.san', action, object, detail from audit where seq = 1`,
      // said again
      `select entry, request, mac, actor, person, action, object, detail from audit where seq = 1`,
    ]
    for (const forgery of forgeries) {
      await undone([], async () => {
        await insert(forgery)
        expect(await check(), forgery).toMatchObject({ kind: 'waiting' })
        await keep()
        expect(await check(), forgery).toMatchObject({ kind: 'broken', seq: 4 })
      })
    }
  })

  it('finds a recall that it inserts, with whatever admission, and one that it changes (AU5)', async () => {
    const insert = () =>
      app.query(
        `insert into recall
         select f.* from recall r, json_populate_record(null::recall,
           (to_jsonb(r) || '{"id":"rcl_forged","requested_by":"key:innocent","person":"zhang.san"}')::json) f limit 1`,
      )
    await undone(['rcl_forged'], async () => {
      await insert()
      expect(await check()).toMatchObject({
        kind: 'recall',
        recall: 'rcl_forged',
        why: expect.stringContaining('admission'),
      })
    })
    await undone(['rcl_forged'], async () => {
      await insert()
      await app.query(
        `insert into audit_entry (entry, request, mac, actor, person, action, object, detail)
         select 'aud_x', request, mac, 'key:innocent', 'zhang.san', action, 'rcl_forged', detail from audit where seq = 1`,
      )
      await keep()
      expect(await check()).toMatchObject({ kind: 'broken', seq: 4 })
    })
    const [second] = await app.query<{ object: string }>('select object from audit where seq = 2')
    for (const change of [
      "requested_by = 'key:innocent'",
      "person = 'zhang.san'",
      "operation = 'stop'",
      'overlay = null',
    ]) {
      const kept = await users.owner.query<{ row: string }>(
        'select to_json(recall)::text as row from recall where id = $1::text',
        [second?.object ?? ''],
      )
      await app.query(`update recall set ${change} where id = $1::text`, [second?.object ?? ''])
      // a text may have been deleted since: nothing else may have been
      expect(await check(), change).toMatchObject(
        change === 'overlay = null'
          ? { kind: 'whole' }
          : { kind: 'broken', seq: 2, why: expect.stringContaining('differ') },
      )
      await users.owner.query('delete from recall where id = $1::text', [second?.object ?? ''])
      await users.owner.query('insert into recall select * from json_populate_record(null::recall, $1::text::json)', [
        kept[0]?.row ?? '',
      ])
    }
  })

  it('cannot cut the end off unseen, and a later grant is told of', async () => {
    await users.owner.script(
      `grant delete, insert on audit to ${(await app.query<{ name: string }>('select current_user::text as name'))[0]?.name}`,
    )
    expect(await trailWriters(users.owner)).toHaveLength(1)
    await expect(app.query('delete from audit where seq = 3')).rejects.toThrow('append-only')
    expect((await readAuditHead(app)).seq).toBe(3)
  })
})

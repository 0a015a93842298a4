/** Ways in which whoever can write the ledger, and does not have the key, can make trail and recalls tell another story. */
import fc from 'fast-check'
import type { TrailCheck } from '../../shared/audit/verify.ts'
import type { Sql } from '../../shared/ledger/sql.ts'
import { admitPlanned, type Planned } from '../support/planned-recall.ts'

const columns = ['entry', 'actor', 'person', 'action', 'object', 'request'] as const
const members = ['requested_by', 'person', 'operation', 'subject', 'reason', 'ticket', 'fallback', 'apps'] as const

export const forgeries = [
  'insert while others wait',
  'insert with a MAC of its own',
  'insert as the ledger',
  'replay',
  'replay as another',
  'admit again',
  'delete while it waits',
  'forge while it waits',
  'recall without admission',
  'recall and invented admission',
  'recall and replayed admission',
  'change the recall',
  'change its overlay',
  'remove the recall',
  'end the recall',
  'cancel the recall',
  'bring an app to the recall',
  'name a cause',
] as const

export interface Forgery {
  readonly way: (typeof forgeries)[number]
  /** Which of the admissions. */
  readonly nth: number
  readonly column: (typeof columns)[number]
  readonly member: (typeof members)[number]
  /** Sealed before the check, or waiting. */
  readonly sealed: boolean
}

export function forgeriesOf(admissions: number): fc.Arbitrary<Forgery> {
  return fc.record({
    way: fc.constantFrom(...forgeries),
    nth: fc.integer({ min: 0, max: admissions - 1 }),
    column: fc.constantFrom(...columns),
    member: fc.constantFrom(...members),
    sealed: fc.boolean(),
  })
}

const planned: Planned = {
  app: 'app',
  operation: 'overlay',
  ladder: ['overlay', 'stop'],
  batches: [1],
  giveUpHours: 1,
}

/**
 * Does it over a trail of `length` records, `admissions` of which (by number) admit recalls with overlays, and resolves
 * with what the check must find. Triggers must be off.
 */
export async function forge(
  sql: Sql,
  { way, nth, column, member, sealed }: Forgery,
  length: number,
  admissions: readonly number[],
  key: Buffer,
): Promise<Partial<TrailCheck>> {
  const seq = admissions[nth] ?? 1
  const seal = async (): Promise<void> => {
    if (sealed) await sql.query('select seal_audit(1000)')
  }
  const added = async (): Promise<Partial<TrailCheck>> => {
    await seal()
    return sealed ? { kind: 'broken', seq: length + 1 } : { kind: 'waiting' }
  }
  const [original = { object: '' }] = await sql.query<{ object: string }>(
    'select object from audit where seq = $1::text::bigint',
    [seq],
  )
  const copied = (changes: { readonly [name: string]: string } = {}) => {
    const names = ['entry', 'actor', 'person', 'action', 'object', 'detail', 'request', 'mac']
    return sql.query(
      `insert into audit_entry (${names.join(', ')})
       select ${names.map(name => changes[name] ?? name).join(', ')} from audit where seq = $1::text::bigint`,
      [seq],
    )
  }
  const newRecall = () =>
    sql.query(
      `insert into recall
       select f.* from recall r, json_populate_record(null::recall, (to_jsonb(r) || '{"id":"rcl_forged"}')::json) f
       where r.id = $1::text`,
      [original.object],
    )
  switch (way) {
    case 'insert while others wait':
      await copied({ entry: "'aud_forged'", mac: 'null' })
      return added()
    case 'insert with a MAC of its own':
      await copied({ entry: "'aud_forged'", mac: "encode(sha256(mac::bytea), 'hex')" })
      return added()
    case 'insert as the ledger':
      await copied({ entry: 'null', request: 'null', mac: 'null', actor: "'unpush'", person: 'null' })
      return added()
    case 'replay':
      await copied()
      return added()
    case 'replay as another':
      await copied({ [column]: column === 'entry' ? "'aud_forged'" : `coalesce(${column}, '') || '0'` })
      return added()
    case 'admit again':
      // signed by a process, as no process would
      await admitPlanned(sql, planned, key)
      await sql.query(
        "delete from recall where id in (select object from audit_unsealed where action = 'recall.admitted')",
      )
      await sql.query('update audit_unsealed set object = $1::text', [original.object])
      return added()
    case 'delete while it waits': {
      const recall = await admitPlanned(sql, planned, key)
      await sql.query('delete from audit_unsealed')
      await seal()
      return { kind: 'recall', recall }
    }
    case 'forge while it waits':
      await admitPlanned(sql, planned, key)
      await sql.query("update audit_unsealed set actor = 'key:innocent', person = 'zhang.san'")
      return added()
    case 'recall without admission':
      await newRecall()
      return { kind: 'recall', recall: 'rcl_forged' }
    case 'recall and invented admission':
      await newRecall()
      await copied({ entry: "'aud_forged'", object: "'rcl_forged'", mac: 'null' })
      return added()
    case 'recall and replayed admission':
      await newRecall()
      await copied({ object: "'rcl_forged'" })
      return added()
    case 'change the recall':
      await sql.query(`update recall set ${member} = ${other[member]} where id = $1::text`, [original.object])
      return { kind: 'broken', seq }
    case 'change its overlay':
      await sql.query(`update recall set overlay = jsonb_set(overlay, '{title}', '"another"') where id = $1::text`, [
        original.object,
      ])
      return { kind: 'broken', seq }
    case 'remove the recall':
      await sql.query('delete from recall where id = $1::text', [original.object])
      return { kind: 'broken', seq }
    case 'end the recall':
      await sql.query("update recall set state = 'done', settled_at = now() where id = $1::text", [original.object])
      return { kind: 'recall', recall: original.object }
    case 'cancel the recall':
      await sql.query('update recall set cancelled_at = now() where id = $1::text', [original.object])
      return { kind: 'recall', recall: original.object }
    case 'bring an app to the recall':
      await sql.query("update recall set apps = apps || '{other}' where id = $1::text", [original.object])
      return { kind: 'recall', recall: original.object }
    case 'name a cause':
      await sql.query(
        `update recall set caused_by = '[{"actor":"key:innocent","person":null,"by":"content","at":"2026-11-23T00:00:00Z"}]'
         where id = $1::text`,
        [original.object],
      )
      return { kind: 'recall', recall: original.object }
    default:
      return way satisfies never
  }
}

const other: { readonly [M in Forgery['member']]: string } = {
  requested_by: "'key:innocent'",
  person: "'zhang.san'",
  operation: "'revoke'",
  subject: `'{"message":"another"}'`,
  reason: "reason || '.'",
  ticket: "'INC-7'",
  fallback: 'not fallback',
  apps: "'{}'",
}

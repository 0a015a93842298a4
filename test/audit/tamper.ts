/** Ways in which whoever owns the tables can falsify a trail, and what the check must then name. */
import fc from 'fast-check'
import { noHash } from '../../shared/audit/chain.ts'
import type { Ledger, Sql } from '../../shared/ledger/sql.ts'

export const ways = [
  'edit',
  'edit and hash anew',
  'delete',
  'delete and close the gap',
  'swap',
  'swap with their hashes',
  'insert at the end',
  'insert in between',
  'insert twice',
  'insert before the first',
  'cut',
  'cut and go on',
  'compute all anew',
] as const

export interface Tampering {
  readonly way: (typeof ways)[number]
  /** Record numbers. */
  readonly at: number
  readonly other: number
  readonly column: (typeof columns)[number]
}

const columns = ['at', 'entry', 'actor', 'person', 'action', 'object', 'detail', 'request', 'mac', 'hash'] as const

/** Over a trail of `length` records, the last of which a digest signed. */
export function tamperings(length: number): fc.Arbitrary<Tampering> {
  const seq = fc.integer({ min: 1, max: length })
  return fc
    .record({
      way: fc.constantFrom(...ways),
      at: seq,
      other: seq,
      column: fc.constantFrom(...columns),
    })
    .filter(({ at, other }) => at !== other)
}

const changed = {
  at: "at + interval '1 microsecond'",
  entry: "coalesce(entry, '') || '0'",
  actor: "actor || '0'",
  person: "case when person is null then '' end",
  action: "action || ' '",
  object: 'upper(object) || object',
  detail: `(detail::text || ' ')::json`,
  request: "case when request is null then '' end",
  mac: "coalesce(mac, '') || '0'",
  hash: 'sha256(hash)',
} as const

const hashed = (before: string) => `sha256(${before} || convert_to(concat(
  audit_part(seq::text), audit_part(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
  audit_part(entry), audit_part(actor), audit_part(person), audit_part(action), audit_part(object),
  audit_part(detail::text), audit_part(request), audit_part(mac)), 'UTF8'))`

/**
 * Does it, and resolves with the record that the check must name first: where the chain itself holds, the one after the
 * last digest that still meets it, unless the entry is `known` not to be what was written (by its MAC, by its recall). The
 * triggers and the key must be off. `signed` are the records that have digests.
 */
export async function tamper(
  sql: Sql,
  { way, at, other, column }: Tampering,
  length: number,
  signed: readonly number[],
  known: boolean,
): Promise<number> {
  const afterDigest = known ? at : Math.max(0, ...signed.filter(seq => seq < at)) + 1
  const run = (text: string, ...seqs: readonly number[]) => sql.query(text, seqs)
  const seq = (n: number) => `$${n}::text::bigint`
  switch (way) {
    case 'edit':
      await run(`update audit set ${column} = ${changed[column]} where seq = ${seq(1)}`, at)
      return at
    case 'edit and hash anew': {
      await run(`update audit set actor = actor || '0' where seq = ${seq(1)}`, at)
      await run(
        `update audit set hash = ${hashed(`coalesce((select hash from audit b where b.seq = ${seq(1)} - 1), decode('${noHash}', 'hex'))`)}
         where seq = ${seq(1)}`,
        at,
      )
      // it follows from the one before; what comes after does not follow from it, and after the last comes the digest
      return known ? at : at === length ? afterDigest : at + 1
    }
    case 'delete':
      await run(`delete from audit where seq = ${seq(1)}`, at)
      return at
    case 'delete and close the gap':
      await run(`delete from audit where seq = ${seq(1)}`, at)
      await run(`update audit set seq = seq - 1 where seq > ${seq(1)}`, at)
      return at
    case 'swap':
    case 'swap with their hashes': {
      const hash = way === 'swap' ? '' : ', hash = b.hash'
      await run(
        `update audit a set at = b.at, actor = b.actor, person = b.person, action = b.action, object = b.object,
           detail = b.detail${hash}
         from audit b where (a.seq, b.seq) in ((${seq(1)}, ${seq(2)}), (${seq(2)}, ${seq(1)}))`,
        at,
        other,
      )
      return Math.min(at, other)
    }
    case 'insert at the end':
      await run(
        `insert into audit select seq + 1, at, entry, actor, person, action, object, detail, request, mac, hash from audit where seq = ${seq(1)}`,
        length,
      )
      return length + 1
    case 'insert in between':
      await run(`update audit set seq = seq + 1 where seq >= ${seq(1)}`, at)
      await run(
        `insert into audit select ${seq(1)}, at, entry, actor || '0', person, action, object, detail, request, mac, hash from audit
         where seq = ${seq(1)} + 1`,
        at,
      )
      return at
    case 'insert twice':
      await run(`insert into audit select * from audit where seq = ${seq(1)}`, at)
      return at
    case 'insert before the first':
      await run(
        `insert into audit select -seq, at, entry, actor, person, action, object, detail, request, mac, hash from audit where seq = ${seq(1)}`,
        at,
      )
      return -at
    case 'cut':
      await run(`delete from audit where seq >= ${seq(1)}`, at)
      return at
    case 'cut and go on':
      await run(`delete from audit where seq >= ${seq(1)}`, at)
      await run(
        `insert into audit_entry (entry, request, actor, person, action, object, detail)
         select 'aud_t' || n, '', 'key:thief', null, 'delivery.replayed', 'x' || n, '{}'
         from generate_series(${seq(1)}, ${seq(2)}) n`,
        at,
        length,
      )
      await run('select seal_audit(1000000)')
      return afterDigest
    case 'compute all anew':
      await run(`update audit set actor = actor || '0' where seq = ${seq(1)}`, at)
      await run(
        `update audit a set hash = c.hash from (
           select seq, audit_chain(decode('${noHash}', 'hex'), convert_to(concat(
             audit_part(seq::text), audit_part(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
             audit_part(entry), audit_part(actor), audit_part(person), audit_part(action), audit_part(object),
             audit_part(detail::text), audit_part(request), audit_part(mac)
           ), 'UTF8')) over (order by seq rows unbounded preceding) as hash from audit) c
         where a.seq = c.seq`,
      )
      return afterDigest
    default:
      return way satisfies never
  }
}

/** Runs `work` as the owner of the tables would, and undoes whatever it did. */
export async function asOwner<Result>(ledger: Ledger, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const undo = new Error('undo')
  let result: { readonly value: Result } | null = null
  await ledger
    .transaction(async sql => {
      result = { value: await work(sql) }
      throw undo
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error
    })
  if (result === null) throw undo
  return (result as { readonly value: Result }).value
}

/** Forward-only migrations: `migrations/NNN-name.sql`, each in one transaction with the row that records it. */
import { readdir, readFile } from 'node:fs/promises'
import type { Ledger } from './sql.ts'

const folder = new URL('./migrations/', import.meta.url)
// one number for all processes that migrate this ledger
const migrationLock = 7_041_129

export class LedgerTooNew extends Error {
  constructor(found: number, known: number) {
    super(`The ledger is at version ${found}, this Unpush knows ${known}: start a newer Unpush on it.`)
  }
}

/** Brings the ledger to this version, whoever else tries at the same time. Rejects with `LedgerTooNew`. */
export async function migrate(ledger: Ledger): Promise<void> {
  const files = (await readdir(folder)).filter(name => /^\d{3}-.*\.sql$/.test(name)).sort()
  await ledger.script(
    'create table if not exists migration (version int primary key, name text not null, at timestamptz not null default now())',
  )
  const applied = new Set(
    (await ledger.query<{ version: number }>('select version from migration')).map(row => row.version),
  )
  const version = Math.max(0, ...applied)
  const known = Number(files.at(-1)?.slice(0, 3) ?? 0)
  if (version > known) throw new LedgerTooNew(version, known)
  for (const name of files) {
    const number = Number(name.slice(0, 3))
    // numbers are given out before the work is done: a later one may be there first
    if (applied.has(number)) continue
    const text = await readFile(new URL(name, folder), 'utf8')
    await ledger.script(`
      begin;
      set local lock_timeout = 0;
      select pg_advisory_xact_lock(${migrationLock});
      do $migration$ begin
        if not exists (select from migration where version = ${number}) then
          execute ${quote(text)};
          insert into migration (version, name) values (${number}, ${quote(name)});
        end if;
      end $migration$;
      commit;`)
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

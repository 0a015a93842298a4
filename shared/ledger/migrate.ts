/**
 * Brings a ledger to this version. A new one is made from `schema.sql`, which is the whole of it; one that an earlier version
 * made goes forward by `migrations/NNN-name.sql`, each in one transaction with the row that records it.
 */
import { readdir, readFile } from 'node:fs/promises'
import type { Ledger } from './sql.ts'

/** Where the schema and the migrations are; tests have others. */
export interface SchemaFiles {
  readonly schema: URL
  /** Ends in `/`. */
  readonly migrations: URL
}

const ours: SchemaFiles = {
  schema: new URL('./schema.sql', import.meta.url),
  migrations: new URL('./migrations/', import.meta.url),
}
/** What the users of the functions may do. */
const grantsFile = new URL('./grants.sql', import.meta.url)
/** What the first released schema counts as; migrations begin after it. */
const firstVersion = 12
// one number for all processes that migrate this ledger
const migrationLock = 7_041_129

/** The ledger cannot be brought to this version. One line for people. */
export class LedgerMismatch extends Error {
  override readonly name = 'LedgerMismatch'
}

interface Step {
  readonly version: number
  readonly name: string
  readonly file: URL
}

async function readSteps(folder: URL): Promise<Step[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .filter(name => /^\d{3}-.*\.sql$/.test(name))
    .sort()
    .map(name => ({ version: Number(name.slice(0, 3)), name, file: new URL(name, folder) }))
}

/** Takes turns with other processes that migrate at the same time. Rejects with `LedgerMismatch`. */
export async function migrate(ledger: Ledger, files: SchemaFiles = ours): Promise<void> {
  const steps = await readSteps(files.migrations)
  await ledger.script(
    'create table if not exists migration (version int primary key, name text not null, at timestamptz not null default now())',
  )
  const done = new Set(
    (await ledger.query<{ version: number }>('select version from migration')).map(row => row.version),
  )
  const known = steps.at(-1)?.version ?? firstVersion
  const found = Math.max(0, ...done)
  if (found > known) {
    throw new LedgerMismatch(
      `The ledger is at version ${found}, this Unpush knows ${known}: start a newer Unpush on it.`,
    )
  }
  if (done.size > 0 && !done.has(firstVersion)) {
    throw new LedgerMismatch(
      `The ledger is at version ${found}, from before the first release, and cannot be carried on: give this Unpush an empty database, or remove the ledger's folder.`,
    )
  }
  if (done.size === 0) {
    const whole = [{ version: firstVersion, name: 'schema.sql' }, ...steps]
    await apply(ledger, await readFile(files.schema, 'utf8'), whole)
  }
  for (const step of steps) {
    // not the highest alone: two branches may have numbered theirs before either was merged
    if (!done.has(step.version)) await apply(ledger, await readFile(step.file, 'utf8'), [step])
  }
  // embedded, there are no users but the one
  if (ledger.engine === 'postgres') await grant(ledger)
}

/** Two at once would change the same rows of the catalogue, which PostgreSQL refuses to one of them. */
async function grant(ledger: Ledger): Promise<void> {
  await ledger.script(
    `begin; select pg_advisory_xact_lock(${migrationLock}); ${await readFile(grantsFile, 'utf8')} commit;`,
  )
}

/**
 * A migration wants tables for itself that statements of running functions hold, in whatever order they hold them. It gives up
 * before PostgreSQL looks for a deadlock (1 s), so that it is never a function's statement that is ended, and tries again.
 */
const patienceMs = 500
const mostTries = 60
const pauseMs = 200

/** Runs `text` and records it, both or neither, unless somebody has recorded it meanwhile. */
async function apply(ledger: Ledger, text: string, steps: readonly Pick<Step, 'version' | 'name'>[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await applyOnce(ledger, text, steps)
    } catch (error) {
      const { code } = (error ?? {}) as { code?: unknown }
      if ((code !== '55P03' && code !== '40P01') || tries === mostTries) throw error
      await new Promise(resolve => setTimeout(resolve, pauseMs * (0.5 + Math.random())))
    }
  }
}

async function applyOnce(
  ledger: Ledger,
  text: string,
  steps: readonly Pick<Step, 'version' | 'name'>[],
): Promise<void> {
  const [first] = steps
  if (first === undefined) return
  const rows = steps.map(({ version, name }) => `(${version}, ${quote(name)})`).join(', ')
  await ledger.script(`
    begin;
    set local lock_timeout = 0;
    select pg_advisory_xact_lock(${migrationLock});
    set local lock_timeout = ${patienceMs};
    do $migration$ begin
      if not exists (select from migration where version = ${first.version}) then
        execute ${quote(text)};
        insert into migration (version, name) values ${rows};
      end if;
    end $migration$;
    commit;`)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

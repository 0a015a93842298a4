/**
 * Embedded ledgers for tests, emptied and used again within a process, by one test file after the other: opening one takes a second of a core, emptying one a
 * few milliseconds. One that a test gave another table, function or trigger is not used again.
 */
import { packSnapshot } from '../../sandbox/ledger-snapshot.ts'
import { migrate } from '../../shared/ledger/migrate.ts'
import { openPGlite } from '../../shared/ledger/pglite.ts'
import { type Ledger, only, type Sql } from '../../shared/ledger/sql.ts'

interface Engine {
  readonly ledger: Ledger
  /** What `shapeOf` said when it was new. */
  readonly shape: string
  /** Makes it as it was when it was new. What was never written to has no pages, and needs nothing. */
  readonly emptying: string
}

/** The process's, whichever test file of it asks. */
const processWide: { unpushTestEngines?: Engine[] } = globalThis as object
const idle: Engine[] = (processWide.unpushTestEngines ??= [])

/** Migrated and empty, for whoever takes it alone; `close` gives it back. */
export async function takeEngine(): Promise<Ledger> {
  const engine = idle.pop() ?? (await openEngine())
  const { ledger } = engine
  let closed: Promise<void> | null = null
  const whileOpen = <Result>(work: () => Promise<Result>): Promise<Result> =>
    closed === null ? work() : Promise.reject(new Error('PGlite is closed'))
  return {
    engine: 'pglite',
    query: (text, parameters, bytes) => whileOpen(() => ledger.query(text, parameters, bytes)),
    transaction: body => whileOpen(() => ledger.transaction(body)),
    together: body => whileOpen(() => ledger.together(body)),
    script: text => whileOpen(() => ledger.script(text)),
    close: () => (closed ??= giveBack(engine)),
  }
}

async function openEngine(): Promise<Engine> {
  const ledger = await openPGlite('memory', { snapshot: await packSnapshot() })
  await migrate(ledger)
  const tables = await ledger.query<{ name: string; rows: boolean }>(
    `select c.relname as name, (xpath('/row/n/text()',
        query_to_xml(format('select count(*) as n from %I', c.relname), false, true, '')))[1]::text <> '0' as rows
     from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname`,
  )
  const filled = tables.filter(({ rows }) => rows).map(({ name }) => name)
  for (const name of filled) await ledger.script(`create temp table kept_${name} as table ${name}`)
  const emptying = `begin; set local session_replication_role = replica;
    do $$ begin
      execute (select 'truncate ' || string_agg(oid::regclass::text, ', ')
        from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0);
      perform setval(seqrelid::regclass, seqstart, false) from pg_sequence where pg_sequence_last_value(seqrelid) is not null;
    end $$;
    ${filled.map(name => `insert into ${name} table kept_${name};`).join('\n')}
    update pulse set at = clock_timestamp(); commit`
  return { ledger, shape: await shapeOf(ledger), emptying }
}

async function giveBack(engine: Engine): Promise<void> {
  const { ledger, shape, emptying } = engine
  // behind all that still runs
  const same = await shapeOf(ledger).then(
    now => now === shape,
    () => false,
  )
  if (!same) return ledger.close()
  await ledger.script(emptying)
  idle.push(engine)
}

/** Tables, columns, defaults, functions, triggers, indexes and constraints, each with the transaction that last changed it. */
async function shapeOf(sql: Sql): Promise<string> {
  const parts = [
    'pg_attribute',
    'pg_attrdef',
    'pg_proc',
    'pg_trigger',
    'pg_constraint',
    'pg_rewrite',
    'pg_authid',
    'pg_index',
  ]
  const counted = parts.map(
    name => `select '${name}' as part, count(*) as n, max(xmin::text::bigint) as last from ${name}`,
  )
  const { shape } = only(
    await sql.query<{ shape: string }>(
      `select string_agg(part || ' ' || n || ' ' || last, ', ') as shape from (${counted.join(' union all ')}) p`,
    ),
  )
  return shape
}

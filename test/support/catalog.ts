/** What a database has become, whatever made it: tables, columns, indexes, functions, triggers, views, rights. */
import type { Ledger } from '../../shared/ledger/sql.ts'

// The order of columns is left out: what a migration adds stands last, and in the schema where it belongs.
const catalog = `
  select concat_ws(' ', 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attstorage, a.attoptions) as line
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v')
  union all
  select concat_ws(' ', 'relation', relname, relkind, reloptions, relacl) from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'i', 'S')
  union all
  select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
  union all
  select concat_ws(' ', 'function', proname, pg_get_function_arguments(oid), pg_get_function_result(oid), provolatile,
    prosecdef, proconfig, proacl, prosrc)
  from pg_proc where pronamespace = 'public'::regnamespace
  union all
  select concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
  union all
  select concat_ws(' ', 'view', viewname, definition) from pg_views where schemaname = 'public'
  union all
  select concat_ws(' ', 'constraint', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
  where connamespace = 'public'::regnamespace`

/** One line each, sorted. */
export async function readCatalog(ledger: Ledger): Promise<string[]> {
  const rows = await ledger.query<{ line: string }>(catalog)
  return rows.map(({ line }) => line).sort()
}

import postgres from 'postgres'
import { encode, int8, type Ledger, type Sql } from './sql.ts'

/** A function serves one request at a time: a few connections carry the drain beside it. */
export interface PostgresOptions {
  readonly connections?: number
}

/** PostgreSQL 15 or newer. Connects at the first statement. */
export function openPostgres(url: string, options: PostgresOptions = {}): Ledger {
  const client = postgres(url, {
    max: options.connections ?? 4,
    idle_timeout: 60,
    connect_timeout: 5,
    // one query less at every cold start; our SQL returns no arrays
    fetch_types: false,
    onnotice: () => {},
    types: { int8: { to: int8.oid, from: [int8.oid], serialize: String, parse: int8.parse } },
    connection: { application_name: 'unpush', lock_timeout: 2000, statement_timeout: 15_000 },
  })
  const on = (connection: Pick<typeof client, 'unsafe'>): Sql => ({
    query: async <Row>(text: string, parameters = [] as Parameters<Sql['query']>[1]) =>
      [...(await connection.unsafe(text, encode(parameters ?? []), { prepare: true }))] as unknown as Row[],
  })
  return {
    engine: 'postgres',
    ...on(client),
    transaction: async body =>
      (await client.begin(connection => body(on(connection)))) as Awaited<ReturnType<typeof body>>,
    script: async text => {
      // a connection of its own: the script may hold transactions, and the pool's would refuse them
      const single = postgres(url, { max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 5 })
      try {
        await single.unsafe(text).simple()
      } finally {
        await single.end({ timeout: 2 })
      }
    },
    close: () => client.end({ timeout: 2 }),
  }
}

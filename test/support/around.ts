import { inOrder, type Ledger, type Sql } from '../../shared/ledger/sql.ts'

/** The ledger with `around` put round each of its statements, by whichever way they come, one after the other. */
export function around(ledger: Ledger, wrap: (sql: Sql) => Sql): Ledger {
  return {
    ...ledger,
    ...wrap(ledger),
    transaction: body => ledger.transaction(sql => body(inOrder(wrap(sql)))),
    together: body => ledger.together(sql => body(inOrder(wrap(sql)))),
  }
}

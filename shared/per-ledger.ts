import type { Sql } from './ledger/sql.ts'

/** `make`'s value for each ledger, made when it is first asked for: what all requests of a process share that ask one ledger. */
export function perLedger<Value>(make: (ledger: Sql) => Value): (ledger: Sql) => Value {
  const made = new WeakMap<Sql, { readonly value: Value }>()
  return ledger => {
    const known = made.get(ledger)
    if (known !== undefined) return known.value
    const value = make(ledger)
    made.set(ledger, { value })
    return value
  }
}

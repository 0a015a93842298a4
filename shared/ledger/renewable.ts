/**
 * A ledger whose address may change while it is open: its password is rotated, its certificates or its place are. Whoever is
 * not let in looks at the address again, and goes on there where it is another one.
 */
import type { LedgerAddress } from './address.ts'
import { inOrder, type Ledger, type Parameter, type Sql } from './sql.ts'
import { LedgerUnreachable } from './unreachable.ts'

export interface Renewal {
  /** Connects at the first statement, as `openPostgres` does. */
  readonly open: (address: LedgerAddress) => Promise<Ledger>
  /** The address as it is now; asks as seldom as it sees fit. Null: it cannot be had. Never rejects. */
  readonly reread: () => Promise<LedgerAddress | null>
  readonly onRenewed?: () => void
}

/**
 * Only a session that never began (LedgerUnreachable) makes it look: its statement was not sent, and is sent once more, to the
 * new address. A transaction is begun again only where its body has not run.
 */
export async function openRenewable(first: LedgerAddress, { open, reread, onRenewed }: Renewal): Promise<Ledger> {
  let current = { address: first, ledger: await open(first) }
  let looking: Promise<void> | null = null
  let closed = false
  const retired = new Set<Promise<void>>()

  const look = async (): Promise<void> => {
    const address = await reread()
    if (closed || address === null || JSON.stringify(address) === JSON.stringify(current.address)) return
    const ledger = await open(address)
    if (closed) return ledger.close()
    const before = current.ledger
    current = { address, ledger }
    onRenewed?.()
    // it lets what still runs there end
    const ended: Promise<void> = before
      .close()
      .catch(() => {})
      .finally(() => retired.delete(ended))
    retired.add(ended)
  }

  const twice = async <Result>(work: (ledger: Ledger) => Promise<Result>, sent: () => boolean): Promise<Result> => {
    const { ledger } = current
    try {
      return await work(ledger)
    } catch (error) {
      if (!(error instanceof LedgerUnreachable) || sent()) throw error
      if (ledger === current.ledger) await (looking ??= look().finally(() => (looking = null)))
      if (ledger === current.ledger || closed) throw error
      return work(current.ledger)
    }
  }
  const never = () => false

  const query: Sql['query'] = (text, parameters, bytes) => twice(ledger => ledger.query(text, parameters, bytes), never)

  return {
    engine: 'postgres',
    query,
    together: body => {
      // those that were not sent are sent once more, in their order
      const again = inOrder({ query })
      return current.ledger.together(sql =>
        body({
          query: <Row>(text: string, parameters?: readonly Parameter[], bytes?: string) =>
            sql.query<Row>(text, parameters, bytes).catch((error: unknown) => {
              if (error instanceof LedgerUnreachable) return again.query<Row>(text, parameters, bytes)
              throw error
            }),
        }),
      )
    },
    transaction: body => {
      let begun = false
      const marked = (sql: Sql) => {
        begun = true
        return body(sql)
      }
      return twice(
        ledger => ledger.transaction(marked),
        () => begun,
      )
    },
    script: text => twice(ledger => ledger.script(text), never),
    close: async () => {
      closed = true
      await Promise.all([current.ledger.close(), ...retired])
    },
  }
}

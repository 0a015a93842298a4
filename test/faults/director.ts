/**
 * Decides what happens next in a simulated history: which statement runs, what a vendor says, who dies, how far time
 * goes. Everything that processes wait for is here, so that one list of numbers replays one history.
 */
import { inOrder, type Ledger, type Sql } from '../../shared/ledger/sql.ts'

/** A function instance of the simulation. Once dead it gets no answer any more. */
export interface Process {
  readonly name: string
  alive: boolean
}

interface Waiting<Verdict> {
  readonly process: Process
  /** A statement of the ledger, or a call of the vendor. */
  readonly ask: { readonly statement: () => Promise<unknown> } | { readonly call: (verdict: Verdict) => unknown }
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What becomes of a statement. lost: it never ran · unheard: it ran, and its connection died before it could say so. */
export type Delivery = 'whole' | 'lost' | 'unheard'

export interface Director<Verdict> {
  /** The ledger as this process sees it: a statement runs when it is its turn. */
  ledgerOf(process: Process, ledger: Ledger): Ledger
  /** A vendor call of this process: `answer` makes of the verdict what the vendor does and says. */
  call<Answer>(process: Process, answer: (verdict: Verdict) => Answer): Promise<Answer>
  /** Resolves once every process waits, with how many they wait for. */
  settled(): Promise<number>
  /** The turn of one of them. */
  deliver(index: number, how: Delivery, verdict: Verdict): Promise<void>
  /** With its last statement done or not, and its calls made. */
  kill(process: Process, done: boolean, verdict: Verdict): Promise<void>
}

export function createDirector<Verdict>(): Director<Verdict> {
  let waiting: Waiting<Verdict>[] = []
  const wait = <Answer>(process: Process, ask: Waiting<Verdict>['ask']): Promise<Answer> =>
    new Promise<Answer>((resolve, reject) => {
      if (process.alive) waiting.push({ process, ask, resolve: answer => resolve(answer as Answer), reject })
    })
  const take = (index: number): Waiting<Verdict> | undefined => waiting.splice(index, 1)[0]

  return {
    ledgerOf: (process, ledger) => {
      // the ledger's watch wants to know whose statement it sees
      const sign = () => ledger.query("select set_config('simulation.process', $1::text, false)", [process.name])
      const on = (sql: Sql): Sql => ({
        query: (text, parameters, bytes) =>
          wait(process, {
            statement: async () => {
              await sign()
              return sql.query(text, parameters, bytes)
            },
          }),
      })
      return {
        ...ledger,
        ...on(ledger),
        // one connection: nobody else's statement comes between, so the whole of it is one turn
        transaction: body => wait(process, { statement: () => ledger.transaction(body) }),
        // each is a transaction of its own: others come between, and a process may die between any two
        together: body => body(inOrder(on(ledger))),
      }
    },
    call: (process, answer) => wait(process, { call: answer }),
    settled: async () => {
      for (let quiet = 0, before = -1; quiet < 3; ) {
        await new Promise(resolve => setImmediate(resolve))
        quiet = waiting.length === before ? quiet + 1 : 0
        before = waiting.length
      }
      return waiting.length
    },
    deliver: async (index, how, verdict) => {
      const turn = take(index)
      if (turn === undefined) return
      const { ask, resolve, reject } = turn
      if ('call' in ask) return resolve(ask.call(verdict))
      if (how === 'lost') return reject(lostConnection())
      const ran = await ask.statement().then(
        rows => ({ rows }),
        (error: unknown) => ({ error }),
      )
      if (how === 'unheard') reject(lostConnection())
      else if ('error' in ran) reject(ran.error)
      else resolve(ran.rows)
    },
    kill: async (process, done, verdict) => {
      process.alive = false
      const its = waiting.filter(turn => turn.process === process)
      waiting = waiting.filter(turn => turn.process !== process)
      for (const { ask } of its) {
        if ('call' in ask) ask.call(verdict)
        else if (done) await ask.statement().catch(() => {})
      }
    },
  }
}

function lostConnection(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
}

/**
 * A function instance of its own, for as long as its steps take: the real handlers on a real ledger, where the process
 * can end itself, at one statement, without a chance to tidy up. Started by `processes.ts`.
 */
import { main_handler as expire } from '../../functions/expire.ts'
import { main_handler as messages } from '../../functions/messages.ts'
import { main_handler as recalls } from '../../functions/recalls.ts'
import { main_handler as revoke } from '../../functions/revoke.ts'
import { main_handler as sweep } from '../../functions/sweep.ts'
import { readConfig } from '../../shared/config.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger, Sql } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, openSecretsOf, useRuntime } from '../../shared/runtime.ts'
import { createGuardedPost } from '../../shared/webhooks/guarded-post.ts'
import { type LedgerCrash, statements } from './crash-points.ts'

/** One call of one function. */
export type Step =
  | { readonly timer: 'expire' | 'sweep' }
  /** Invoked by another function. */
  | { readonly kicked: 'sweep' }
  | {
      readonly call: 'messages' | 'revoke' | 'recalls'
      readonly path: string
      readonly headers: { readonly [name: string]: string }
      readonly body: string
    }

export interface Orders {
  readonly steps: readonly Step[]
  readonly crash: LedgerCrash | null
  /** It is kept warm: it takes further steps as messages, and answers each list of them with one. */
  readonly stays?: true
}

export interface Answer {
  readonly status: number
  readonly body: string
}

const handlers = { messages, revoke, recalls }
const timers = { expire, sweep }
/** Within it the statement leaves, and does not always come back. */
const onTheWireMs = 1

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // the signal is there before the next statement is
  for (;;);
}

/** The ledger, with a trap at one statement. */
function trapped(ledger: Ledger, { statement, moment }: LedgerCrash): Ledger {
  const around = (sql: Sql, inTransaction: boolean): Sql => ({
    query: async <Row>(text: string, parameters?: Parameters<Sql['query']>[1], bytes?: string): Promise<Row[]> => {
      if (!statements[statement].test(text)) return sql.query(text, parameters, bytes)
      switch (moment) {
        case 'before':
          return die()
        case 'wire':
          setTimeout(die, onTheWireMs)
          await sql.query(text, parameters, bytes)
          return new Promise(() => {})
        case 'inside': {
          const run = async (inner: Sql) => {
            await inner.query(text, parameters, bytes)
            return die()
          }
          return inTransaction ? run(sql) : ledger.transaction(run)
        }
        case 'after': {
          const rows = await sql.query<Row>(text, parameters, bytes)
          // a claim that finds nothing is no claim
          return rows.length === 0 && statement === 'claim' ? rows : die()
        }
      }
    },
  })
  return {
    ...ledger,
    ...around(ledger, false),
    transaction: body => ledger.transaction(sql => body(around(sql, true))),
    together: body => ledger.together(sql => body(around(sql, false))),
  }
}

async function main(): Promise<void> {
  const orders: Orders = JSON.parse(process.argv[2] ?? '')
  const config = readConfig()
  const log = createLog({ stream: process.stderr })
  const ledger = await openLedger(config.ledgerUrl ?? '')
  const secrets = openSecretsOf(config, log)
  const trap = orders.crash === null ? ledger : trapped(ledger, orders.crash)
  // whoever holds this process decides what comes of a kick
  const kick = async () => void process.send?.('kick')
  // subscribers are in the harness too
  const post = createGuardedPost({ allowLoopback: true })
  useRuntime(createRuntime(config, secrets, trap, log, kick, post))
  if (orders.stays === true) process.on('message', (steps: readonly Step[]) => void take(steps).then(answerOver))
  const answers = await take(orders.steps)
  if (orders.stays === true) return answerOver(answers)
  process.stdout.write(JSON.stringify(answers), () => process.exit(0))
}

function answerOver(answers: readonly Answer[]): void {
  process.send?.({ answers })
}

async function take(steps: readonly Step[]): Promise<Answer[]> {
  const context = { time_limit_in_ms: 60_000, request_id: 'harness' }
  const answers: Answer[] = []
  for (const step of steps) {
    if ('timer' in step) {
      const event = { Type: 'Timer', TriggerName: step.timer, Time: new Date().toISOString(), Message: '' }
      await timers[step.timer](event, { ...context })
      continue
    }
    if ('kicked' in step) {
      await sweep({}, { ...context })
      continue
    }
    const event = { httpMethod: 'POST', path: step.path, queryString: {}, headers: step.headers, body: step.body }
    const envelope = (await handlers[step.call](event, { ...context })) as { statusCode: number; body: string }
    answers.push({ status: envelope.statusCode, body: envelope.body })
  }
  return answers
}

void main()

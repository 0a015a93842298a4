import postgres from 'postgres'
import { redact } from '../redaction.ts'
import type { LedgerAddress } from './address.ts'
import { type SocketMaker, socketsTo } from './postgres-socket.ts'
import { type Limits, noLimits, ordinaryLimits, settleSession, startupSettings, statementTimeoutMs } from './session.ts'
import { LedgerUnreachable } from './unreachable.ts'
import { encode, inOrder, int8, type Ledger, type Parameter, type Sql } from './sql.ts'

/** A function serves one request at a time: a few connections carry the drain beside it. */
export interface PostgresOptions {
  readonly connections?: number
}

/** The server ends every statement before this: a statement without an answer by then was sent over a connection that is dead. */
const deadlineMs = statementTimeoutMs + 5000
/** What else runs on a pool that lost a connection has so long to end. */
const retireSeconds = 2

/** One connection, which opens at its first statement and again after it was idle for long. */
interface Line {
  readonly client: ReturnType<typeof openLine>
  /** Statements and transactions that are on it, or wait for it. */
  out: number
  /** A transaction has it for itself. */
  taken: boolean
  /** How often its socket has closed. */
  closes: number
}

/**
 * PostgreSQL 15 or newer. Connects at the first statement.
 *
 * Lines are clients of one connection each, so that statements which belong together stay on one, in their order; the first
 * one that is free is taken, so that few connections know all statements. A line that lost its connection is not used again:
 * between a socket's error and its close the client still hands statements to it, which are then neither sent nor rejected,
 * and what is left in its buffer spoils the next connection.
 */
export function openPostgres(address: LedgerAddress, options: PostgresOptions = {}): Ledger {
  if (address.password !== null) redact(address.password)
  const most = Math.min(options.connections ?? 4, address.connections ?? Infinity)
  const sockets = socketsTo(address)
  // null: the first connection tells
  let { pooled } = address
  const onSettled = (found: boolean) => {
    pooled = address.pooled ?? found
  }
  const oneByOne = turns(most)
  /** Behind a pooler no statement is sent while its connection waits for the answer to another. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => (pooled === false ? work() : oneByOne(work))
  let lines: readonly Line[] = []
  const waiting: (() => void)[] = []
  const retired = new Set<Promise<void>>()
  let closed = false
  const lineFor = (): Line | undefined => {
    const free = lines.find(({ out }) => out === 0)
    if (free !== undefined) return free
    if (lines.length < most || closed) {
      const client = openLine(address, sockets, ordinaryLimits, onSettled, () => (line.closes += 1))
      const line: Line = { client, out: 0, taken: false, closes: 0 }
      lines = [...lines, line]
      return line
    }
    const shared = lines.filter(({ taken }) => !taken)
    return shared.reduce<Line | undefined>(
      (one, other) => (one === undefined || other.out < one.out ? other : one),
      undefined,
    )
  }
  /** It is counted before anybody else looks for one. */
  const takeLine = async (): Promise<Line> => {
    for (;;) {
      const line = lineFor()
      if (line !== undefined) {
        line.out += 1
        return line
      }
      await new Promise<void>(resolve => waiting.push(resolve))
    }
  }
  const retire = (line: Line) => {
    // what still runs when the ledger is closed loses its connection too, and must not open another
    if (closed || !lines.includes(line)) return
    lines = lines.filter(other => other !== line)
    const ended: Promise<void> = line.client
      .end({ timeout: retireSeconds })
      .catch(() => {})
      .finally(() => retired.delete(ended))
    retired.add(ended)
  }
  const onLine = async <Result>(work: (line: Line) => Promise<Result>): Promise<Result> => {
    const line = await takeLine()
    try {
      return await work(line)
    } catch (error) {
      if (isConnectionLoss(error)) retire(line)
      throw error
    } finally {
      line.out -= 1
      line.taken = false
      waiting.shift()?.()
    }
  }
  const on = (line: Line, connection: Pick<Line['client'], 'unsafe'>, lost = () => false): Sql => ({
    query: async <Row>(text: string, parameters: readonly Parameter[] = [], bytes?: string) => {
      try {
        if (lost()) throw new LedgerUnreachable('CONNECTION_CLOSED')
        const asked = ask(connection, text, encode(text, parameters))
        if (bytes === undefined) return [...(await within(asked))] as unknown as Row[]
        const rows = await within(asked.raw())
        return rows.map(row =>
          Object.fromEntries(
            rows.columns.map((column, index) => [column.name, valueOf(row[index] ?? null, column, bytes)]),
          ),
        ) as Row[]
      } catch (error) {
        if (isConnectionLoss(error)) retire(line)
        throw error
      }
    },
  })
  const query: Sql['query'] = (text, parameters, bytes) =>
    inTurn(() => onLine(line => on(line, line.client).query(text, parameters, bytes)))
  return {
    engine: 'postgres',
    query,
    transaction: body =>
      inTurn(() =>
        onLine(async line => {
          line.taken = true
          const result = line.client.begin(connection => {
            const before = line.closes
            const lost = () => line.closes > before
            const sql = on(line, connection, lost)
            // What is written to a connection that has closed throws where nobody can catch it, and the client would write a
            // rollback. It has rejected `begin` by itself, and nothing waits for this any more.
            return unlessLost(body(pooled === false ? sql : inOrder(sql)), lost)
          })
          return (await result) as Awaited<ReturnType<typeof body>>
        }),
      ),
    together: body => (pooled === false ? onLine(line => body(on(line, line.client))) : body(inOrder({ query }))),
    script: async text => {
      // a connection of its own: the script may hold transactions, and the pool's would refuse them
      const single = openLine(
        address,
        sockets,
        noLimits,
        () => {},
        () => {},
      )
      try {
        await single.unsafe(text).simple()
      } finally {
        await single.end({ timeout: 2 })
      }
    },
    close: async () => {
      closed = true
      await Promise.all([...lines.map(({ client }) => client.end({ timeout: retireSeconds })), ...retired])
      sockets.close()
    },
  }
}

/** At most `most` at once. */
function turns(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let free = most
  return async work => {
    if (free > 0) free -= 1
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

/** Never settles once the connection is lost. */
function unlessLost<Result>(work: Promise<Result>, lost: () => boolean): Promise<Result> {
  return new Promise((resolve, reject) => {
    work.then(
      result => lost() || resolve(result),
      (error: unknown) => lost() || reject(error),
    )
  })
}

function openLine(
  address: LedgerAddress,
  sockets: SocketMaker,
  limits: Limits,
  onSettled: (pooled: boolean) => void,
  onClosed: () => void,
) {
  const pooled = address.pooled === true
  const made = {
    socket: async () => {
      const socket = await sockets.open()
      // before the client hears of it
      socket.on('close', onClosed)
      settleSession(socket, {
        limits: pooled ? null : limits,
        onStandby: () => sockets.skip(),
        // in transaction mode the next statement is another session's, which has prepared nothing
        onSettled: found => {
          if (address.pooled === null && found) client.options.prepare = false
          onSettled(found)
        },
      })
      return socket
    },
  }
  const client = postgres({
    // its types do not know of it
    ...made,
    // what the client's errors say of the server
    host: 'ledger',
    port: 0,
    ...(address.user === null ? {} : { user: address.user }),
    ...(address.password === null ? {} : { password: address.password }),
    ...(address.database === null ? {} : { database: address.database }),
    ssl: false,
    prepare: !pooled,
    max: 1,
    idle_timeout: 60,
    connect_timeout: address.connectMs / 1000,
    // who asks while nobody is let in is told at once: the client would keep a request for up to 20 s before it tries
    backoff: () => 0,
    // one query less at every cold start; our SQL returns no arrays
    fetch_types: false,
    onnotice: () => {},
    types: { int8: { to: int8.oid, from: [int8.oid], serialize: String, parse: int8.parse } },
    connection: {
      application_name: address.applicationName ?? 'unpush',
      ...(address.options === null ? {} : { options: address.options }),
      ...startupSettings,
    },
  })
  return client
}

/**
 * Of parameters that it is given as such, the client first asks the server for their types: a wait for each statement that a
 * connection does not know yet, and behind a pooler for each statement. All of ours are texts (`$1::text`): as a member of the
 * query, where the client would put them itself, they leave together with it.
 */
function ask({ unsafe }: Pick<Line['client'], 'unsafe'>, text: string, parameters: readonly (string | null)[]) {
  if (parameters.length === 0) return unsafe(text)
  // its types know of neither
  const options = { prepare: true, simple: false }
  return Object.assign(unsafe(text, [], options), { parameters })
}

type Column = { readonly name: string; readonly parser?: ((text: string) => unknown) | undefined }

/** As the client makes it of a row that is not raw, but for the column `bytes`. */
function valueOf(value: Buffer | null, { name, parser }: Column, bytes: string): unknown {
  if (value === null || name === bytes) return value
  const text = value.toString()
  return parser === undefined ? text : parser(text)
}

/** The client's own codes, the system's, and the server's last words before it closes. */
function isConnectionLoss(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  return (
    typeof code === 'string' && /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|08|57P0)/.test(code)
  )
}

/** The client has no deadline of its own. */
async function within<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error('the ledger gave no answer'), { code: 'CONNECTION_SILENT' })
    timer = setTimeout(() => reject(error), deadlineMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

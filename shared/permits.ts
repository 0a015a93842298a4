/**
 * Permits out of rows that all instances share, without a wait for the ledger at every request. An instance spends by what it
 * knows of the row and notes it there beside the request's own work, or a second later with others; it waits for the row only
 * for a payer that it does not know yet, and where little is left. So more may pass than there were permits: for each
 * instance one block (`blockOf`).
 */
import { coalesce } from './coalesce.ts'
import { type Draw, type Drawn, drawPermits } from './ledger/permits.ts'
import type { Sql } from './ledger/sql.ts'
import type { Log } from './log.ts'

export interface Limit {
  /** As people know it: `limits.recallsPerHour`. */
  readonly name: string
  /** As many may come at once. */
  readonly most: number
  /** And so many come back. */
  readonly perSecond: number
}

/** One payer's permits of one kind, as this instance knows them. */
export interface Account {
  readonly payer: string
  readonly kind: string
  limit: Limit
  /** In the row as of `heardAtMs`; null: never asked. */
  room: number | null
  heardAtMs: number
  /** Spent here, and not in the row yet. Below 0: given back. */
  debt: number
  /** What is on its way to the row, of debt and of what is wanted; null: nothing is. */
  away: { readonly used: number; readonly wanted: number } | null
  /** Drawn from the row, and not spent yet. */
  inHand: number
  /** Permits that requests wait for. */
  wanted: number
  asking: Promise<void> | null
}

export interface Permits {
  account(payer: string, kind: string, limit: Limit): Account
  /** Resolves with 0 where `cost` permits are spent, else with milliseconds until there are as many. Never rejects. */
  take(account: Account, cost: number): Promise<number>
  giveBack(account: Account, cost: number): void
  /** Asks for the row of an account that will be needed soon, with whatever else is being asked for. */
  expect(account: Account): void
}

const mostAccounts = 2_000
const drawsAtOnce = 64
const noteEveryMs = 1_000
/** A ledger that answers later than this holds nobody back, and is not waited for again so soon. */
const askTimeoutMs = 1_000
const trustMs = 5_000

/** What an instance may let pass before it has noted it. */
export function blockOf({ most, perSecond }: Limit): number {
  return Math.max(1, Math.floor(most / 60), Math.floor(perSecond / 2))
}

/** `now`: milliseconds, of which only differences count. */
export function openPermits(sql: Sql, log: Log, now: () => number = () => performance.now()): Permits {
  const accounts = new Map<string, Account>()
  let failedAtMs = -Infinity
  const draw = coalesce<Account, Drawn>(asked => drawPermits(sql, asked.map(drawOf)), drawsAtOnce)

  const fail = (error: unknown) => {
    if (now() - failedAtMs >= trustMs) log.warn('limits could not be asked about, and hold nobody back', { error })
    failedAtMs = now()
  }
  const trusted = () => now() - failedAtMs < trustMs

  /** One at a time for an account. Never rejects. */
  const ask = (account: Account): Promise<void> => (account.asking ??= askNow(account))

  const askNow = async (account: Account): Promise<void> => {
    try {
      const { granted, room } = await draw(account)
      account.room = room
      account.inHand += granted
      account.heardAtMs = now()
    } catch (error) {
      account.debt += account.away?.used ?? 0
      fail(error)
    } finally {
      account.away = null
      account.asking = null
    }
  }

  /** As far as is known here: permits come back with time, and what others spend meanwhile the row will tell. */
  const roomOf = ({ room, limit, heardAtMs, debt, away }: Account): number | null =>
    room === null
      ? null
      : Math.min(limit.most, room + ((now() - heardAtMs) / 1000) * limit.perSecond) - debt - (away?.used ?? 0)

  return {
    account(payer, kind, limit) {
      const key = `${kind} ${payer}`
      const known = accounts.get(key)
      if (known !== undefined) {
        known.limit = limit
        return known
      }
      const [oldest] = accounts.keys()
      if (accounts.size >= mostAccounts && oldest !== undefined) accounts.delete(oldest)
      const fresh = {
        payer,
        kind,
        limit,
        room: null,
        heardAtMs: 0,
        debt: 0,
        away: null,
        inHand: 0,
        wanted: 0,
        asking: null,
      }
      accounts.set(key, fresh)
      return fresh
    },
    async take(account, cost) {
      for (;;) {
        const { limit, inHand } = account
        const room = roomOf(account)
        if (room !== null && room + inHand < cost) return Math.ceil(((cost - room - inHand) / limit.perSecond) * 1000)
        if (inHand >= cost) {
          account.inHand -= cost
          return 0
        }
        const unnoted = account.debt + (account.away?.used ?? 0) + cost
        const plenty = room !== null && room - cost >= limit.most / 4 && unnoted <= blockOf(limit)
        if (plenty || trusted()) {
          account.debt += cost
          const due = now() - account.heardAtMs >= noteEveryMs || account.debt >= blockOf(limit) / 2
          if (due && !trusted()) void ask(account)
          return 0
        }
        // a statement that has left already was not asked for this request: look again when it is back
        if (account.away === null) account.wanted += cost
        await inTime(ask(account), askTimeoutMs).catch(fail)
      }
    },
    expect(account) {
      if (account.room === null && !trusted()) void ask(account)
    },
    giveBack(account, cost) {
      account.debt -= cost
      if (!trusted()) void ask(account)
    },
  }
}

/** Takes along what there is to note and to ask for at the moment when the statement leaves, and the same if it leaves again. */
function drawOf(account: Account): Draw {
  const { payer, kind, limit } = account
  if (account.away === null) {
    account.away = { used: account.debt, wanted: account.wanted }
    account.debt = 0
    account.wanted = 0
  }
  return { payer, kind, ...account.away, perSecond: limit.perSecond, burst: limit.most }
}

async function inTime(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

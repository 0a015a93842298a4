/**
 * How much callers may ask for: `limits` of `unpush/policy` for persons and keys, a fixed rate for moderation endpoints. Timers
 * have none. A limit is as many at once as it says, and as many again evenly over the next minute or hour; by how much it may
 * be passed: permits.ts.
 */
import type { Principal } from './access/access.ts'
import { Problem } from './errors.ts'
import type { Route } from './functions.ts'
import type { Sql } from './ledger/sql.ts'
import type { Log } from './log.ts'
import { type Account, type Limit, openPermits } from './permits.ts'
import { defaultPolicy, type Policy } from './secrets/documents.ts'

/** Who pays: the person, whatever key they hold; without one the owner of the key, or the endpoint. */
export type Payer = Pick<Principal, 'id' | 'person'> & { readonly owner?: string }

/** Each has the whole of `requestsPerMinute`: who reads too much can still recall. */
export type RequestKind = NonNullable<Route['counts']>['as']

export interface Limits {
  /** Rejects with `too-many-requests`. */
  request(payer: Payer, route: Route, query: URLSearchParams): Promise<void>
  /**
   * One recall of so many devices, just before it is admitted. Rejects with `too-many-requests`. Resolves with what gives the
   * permit back, for when nothing was admitted after all.
   */
  permitRecall(payer: Payer, devices: number): Promise<() => void>
  /** One genuine delivery of a moderation endpoint. Rejects with `too-many-requests`. */
  delivery(endpoint: string): Promise<void>
}

const deliveriesPerSecond = 600
/** Searching reads every row there is. */
const searchCost = 10

/** `policy` may reject: then the defaults hold. */
export function openLimits(sql: Sql, policy: () => Promise<Pick<Policy, 'limits'>>, log: Log): Limits {
  const permits = openPermits(sql, log)
  const recallsOf = (payer: Payer, most: number): Account => {
    const limit = limitOf('limits.recallsPerHour', most, 3600)
    return permits.account(payerOf(payer), limit.name, limit)
  }
  const limits = async () => (await policy().catch(() => defaultPolicy)).limits
  return {
    async request(payer, route, query) {
      const { requestsPerMinute, recallsPerHour } = await limits()
      if (kindOf(route) === 'recalls' && recallsPerHour !== null) permits.expect(recallsOf(payer, recallsPerHour))
      if (requestsPerMinute === null) return
      const limit = limitOf('limits.requestsPerMinute', requestsPerMinute, 60)
      const cost = query.has('q') ? searchCost : (route.counts?.cost ?? 1)
      const account = permits.account(payerOf(payer), kindOf(route), limit)
      const waitMs = await permits.take(account, Math.min(cost, limit.most))
      if (waitMs > 0) throw tooMany(payer, limit, waitMs)
    },
    async permitRecall(payer, devices) {
      const { recallsPerHour, devicesPerHour } = await limits()
      const wanted: (readonly [Account, number])[] = []
      if (payer.id.startsWith('timer:')) return () => {}
      if (recallsPerHour !== null) wanted.push([recallsOf(payer, recallsPerHour), 1])
      // verdicts of an endpoint wait for their turn: one of more devices than the limit would wait for ever
      if (devicesPerHour !== null && !payer.id.startsWith('endpoint:')) {
        const limit = limitOf('limits.devicesPerHour', devicesPerHour, 3600)
        wanted.push([permits.account(payerOf(payer), limit.name, limit), devices])
      }
      const taken: (() => void)[] = []
      const giveBack = () => taken.splice(0).forEach(undo => undo())
      for (const [account, cost] of wanted) {
        if (cost === 0) continue
        const { limit } = account
        const waitMs = cost > limit.most ? Infinity : await permits.take(account, cost)
        if (waitMs > 0) {
          giveBack()
          throw cost > limit.most ? tooLarge(limit, cost) : tooMany(payer, limit, waitMs)
        }
        taken.push(() => permits.giveBack(account, cost))
      }
      return giveBack
    },
    async delivery(endpoint) {
      const limit = limitOf('the limit of deliveries in a second', deliveriesPerSecond, 1)
      const payer = { id: `endpoint:${endpoint}`, person: null }
      const waitMs = await permits.take(permits.account(payerOf(payer), 'deliveries', limit), 1)
      if (waitMs > 0) throw tooMany(payer, limit, waitMs)
    },
  }
}

function limitOf(name: string, most: number, seconds: number): Limit {
  return { name, most, perSecond: most / seconds }
}

export function kindOf({ method, counts }: Route): RequestKind {
  return counts?.as ?? (method === 'GET' ? 'reads' : 'writes')
}

function payerOf({ id, person, owner }: Payer): string {
  return person === null ? (owner ?? id) : `person:${person}`
}

function tooMany(payer: Payer, { name, most }: Limit, waitMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new Problem(
    'too-many-requests',
    `Over ${name}, which is ${most} for ${payer.person ?? payer.owner ?? payer.id}: send it again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    { headers: { 'retry-after': String(seconds) }, members: { bound: name, limit: most } },
  )
}

function tooLarge({ name, most }: Limit, devices: number): Problem {
  return new Problem(
    'too-many-requests',
    `This recall reaches ${devices} devices, more than ${name} allows in an hour, which is ${most}: name fewer, or change unpush/policy.`,
    { headers: { 'retry-after': '3600' }, members: { bound: name, limit: most } },
  )
}

/** True for what `Limits` throws: the same passes later. */
export function isLimit({ slug, members }: Problem): boolean {
  return slug === 'too-many-requests' && String(members['bound']).startsWith('limits.')
}

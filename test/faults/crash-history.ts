/** One history: a recall of several units, one death at a chosen place, a fresh function afterwards. */
import type { Ledger } from '../../shared/ledger/sql.ts'
import { answerFaults, cancelledUnits, ledgerFaults, vendorFaults } from './crash-checks.ts'
import type { Crash, Death } from './crash-points.ts'
import { type Recall, recallOf } from './crash-recall.ts'
import type { Step } from './function-process.ts'
import type { Ended, Functions, Running } from './processes.ts'
import type { Vendor } from './vendor.ts'

/** What histories that run one after the other share: a database, a vendor, secrets. */
export interface Rig {
  readonly ledger: Ledger
  readonly vendor: Vendor
  readonly functions: Functions
  readonly environment: { readonly [name: string]: string }
  /** API key of an operator. */
  readonly key: string
  /** Resolves when the server has ended the sessions of all functions: it may still be at what the dead have sent. */
  buried(): Promise<void>
}

/** A rig whose secrets can change. */
export interface RotatingRig extends Rig {
  /** Push Kit's service account gets another key; functions learn of it when they read their secrets again. */
  rotate(keyId: string): Promise<void>
}

export interface Outcome {
  readonly kills: number
  /** Acts beyond the first of a unit. */
  readonly repeats: number
  /** Sentences; empty where all held. */
  readonly faults: readonly string[]
}

const longestMs = 120_000

export async function runHistory(rig: Rig, number: number, death: Death): Promise<Outcome> {
  const { ledger, vendor } = rig
  // a task is read before it is acted on: a zombie would die at that, before any act of it is out
  const recall = recallOf(number, number % 2 === 1 && death.victim !== 'zombie', rig.key)
  vendor.acts.length = 0
  vendor.judge = () => 'yes'
  // hundreds of histories on one credential are over its hourly queries; budgets have tests of their own
  await ledger.script('delete from bucket; delete from breaker')
  const kills = await (death.victim === 'request'
    ? killRequest(rig, recall, death.crash)
    : killLater(rig, recall, death))
  await rig.buried()
  await forgetTheDead(ledger)
  const cancels = death.victim === 'cancel'
  const id = cancels ? await recallIdOf(ledger, number) : null
  const cancel = id === null ? [] : [cancelStep(rig, id)]
  const after = await within(start(rig, [...cancel, { timer: 'sweep' }, recall.request(10)], null).ended)
  const faults = [
    ...(cancels ? [] : answerFaults(after.answers, death.victim === 'request')),
    ...(await ledgerFaults(ledger, recall, cancels)),
    ...vendorFaults(vendor.acts, recall, kills, await cancelledUnits(ledger, recall)),
  ]
  const distinct = new Set(vendor.acts.map(({ unit }) => unit)).size
  return { kills, repeats: vendor.acts.length - distinct, faults }
}

/** The old key is refused from the first yes on: whoever fans out fetches the new one and repeats what was refused. */
export async function runRotation(rig: RotatingRig, number: number, keyId: string): Promise<string[]> {
  const { ledger, vendor } = rig
  const recall = recallOf(number, true, rig.key)
  vendor.acts.length = 0
  let rotated: Promise<void> | null = null
  vendor.judge = async ({ unit, keyId: used }) => {
    if (rotated === null) {
      rotated = rig.rotate(keyId)
      await rotated
      return 'yes'
    }
    await rotated
    return unit.startsWith('tpns') || used === keyId ? 'yes' : 'auth'
  }
  const { answers } = await within(start(rig, [...recall.register, recall.request(10)], null).ended)
  const refused = vendor.acts.filter(({ said }) => said === 'no').length
  return [
    ...answerFaults(answers, true),
    ...(await ledgerFaults(ledger, recall, false)),
    // each unit once more than it was refused
    ...vendorFaults(vendor.acts, recall, 1, new Set()),
    ...(refused === 0 ? ['the old key was never refused'] : []),
  ]
}

function start(rig: Rig, steps: readonly Step[], crash: Crash | null): Running {
  const trap = crash !== null && 'statement' in crash ? crash : null
  const running = rig.functions.start({ steps, crash: trap }, rig.environment)
  if (crash !== null && 'vendor' in crash) {
    rig.vendor.judge = act => {
      rig.vendor.judge = () => 'yes'
      running.kill()
      if (crash.vendor === 'answers') return 'yes'
      if (crash.vendor === 'did') act.said = 'yes'
      return 'silence'
    }
  }
  return running
}

async function killRequest(rig: Rig, recall: Recall, crash: Crash): Promise<number> {
  return killsOf([await within(start(rig, [...recall.register, recall.request(10)], crash).ended)])
}

async function killLater(rig: Rig, recall: Recall, { victim, crash }: Death): Promise<number> {
  // admitted and left alone: a client that waits for nothing
  await within(start(rig, [...recall.register, recall.request(0)], null).ended)
  const sweep: Step = { timer: 'sweep' }
  switch (victim) {
    case 'request':
    case 'sweeper':
      return killsOf([await within(start(rig, [sweep], crash).ended)])
    case 'one of two': {
      const both = [start(rig, [sweep], crash), start(rig, [sweep], null)]
      const [doomed, other] = await within(Promise.all(both.map(({ ended }) => ended)))
      // the other one may have been faster, and left nothing to die at
      return doomed !== undefined && other !== undefined && doomed.killed ? 1 : 0
    }
    case 'zombie': {
      const { vendor, ledger } = rig
      let answerLate = (_verdict: 'refuse') => {}
      const late = new Promise<'refuse'>(resolve => (answerLate = resolve))
      vendor.judge = () => late
      const zombie = start(rig, [sweep], crash)
      await until(() => vendor.acts.length === recall.units.length)
      await forgetTheDead(ledger)
      vendor.judge = () => 'yes'
      await within(start(rig, [sweep], null).ended)
      answerLate('refuse')
      return killsOf([await within(zombie.ended)])
    }
    case 'cancel': {
      const id = await recallIdOf(rig.ledger, recall.number)
      const doomed = start(rig, [cancelStep(rig, id)], crash)
      const beside = start(rig, [sweep], null)
      const [ended] = await within(Promise.all([doomed.ended, beside.ended]))
      return ended.killed ? 1 : 0
    }
  }
}

/** A place that was not reached is a fault of the harness. */
function killsOf(ended: readonly Ended[]): number {
  for (const { killed, logged } of ended) if (!killed) throw new Error(`nobody died: ${logged.slice(-1500)}`)
  return ended.length
}

/** Who died holds its leases until they end: here they end at once. */
async function forgetTheDead(ledger: Ledger): Promise<void> {
  await ledger.query("update work set lease_until = now() - interval '1 second' where state = 'running'")
}

function cancelStep(rig: Rig, id: string): Step {
  return {
    call: 'recalls',
    path: `/v1/recalls/${id}/cancel`,
    headers: { authorization: `Bearer ${rig.key}` },
    body: '',
  }
}

async function recallIdOf(ledger: Ledger, number: number): Promise<string> {
  const [row] = await ledger.query<{ id: string }>('select recall_id as id from answer where key = $1::text', [
    `key-${number}`,
  ])
  if (row === undefined) throw new Error('the recall was not admitted')
  return row.id
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + longestMs; !condition(); await new Promise(resolve => setTimeout(resolve, 2))) {
    if (Date.now() > end) throw new Error('what was waited for did not come')
  }
}

async function within<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a function ran for over ${longestMs} ms`)), longestMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

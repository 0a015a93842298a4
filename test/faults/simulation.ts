/** One simulated history: real drainers and sweeps as processes, a vendor that is moody, and an end that must come. */
import { send } from '../../shared/http.ts'
import { finishRecalls } from '../../shared/ledger/finish-recalls.ts'
import { cancelRecall } from '../../shared/ledger/cancel-recall.ts'
import { retryRecall } from '../../shared/ledger/retry-recall.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import type { Outcome, StatusReading } from '../../shared/providers/provider.ts'
import type { App } from '../../shared/recall/apps.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { defaultPolicy } from '../../shared/secrets/documents.ts'
import type { TimerContext } from '../../shared/serve-timer.ts'
import { sweepSteps } from '../../shared/sweep/steps.ts'
import { sweep } from '../../shared/sweep/sweep.ts'
import { type FakeCall, fakeProvider, record } from '../support/fake-provider.ts'
import { passTime } from '../support/pass-time.ts'
import { admitPlanned, type Planned } from '../support/planned-recall.ts'
import { createDirector, type Delivery, type Process } from './director.ts'
import { outcomeOf, type Verdict, verdicts } from './moods.ts'
import { faultsOf, type Heard } from './simulation-checks.ts'
import { entryOf, tester } from '../support/append-audit.ts'

export interface Script {
  readonly recalls: readonly Planned[]
  /** Each decides one thing, as long as they last; then everything goes well. */
  readonly choices: readonly number[]
}

const deliveries: readonly Delivery[] = [...Array.from({ length: 18 }, () => 'whole' as const), 'lost', 'unheard']
/** Within a lease · beyond it · beyond every delay. */
const leapsMs = [5000, 40_000, 600_000] as const
const processCount = 2
const mostRounds = 60
/** Milliseconds that a sweep may take to load what it needs for the first time: many, since the machine may be busy. */
const mostLoadingMs = 60_000
const proof = { stop: 'STOPPED', revoke: 'REVOKED', overlay: 'REPLACED' } as const

/** Resolves with what is wrong with the history, and how many steps it took. */
export async function simulate(ledger: Ledger, script: Script): Promise<{ faults: string[]; steps: number }> {
  await forget(ledger)
  const ids: string[] = []
  for (const planned of script.recalls) ids.push(await admitPlanned(ledger, planned))

  const director = createDirector<Verdict>()
  const heard: Heard[] = []
  const shown = new Map<string, string>()
  let leaps = 0
  let steps = 0

  const decide =
    (process: Process, call: FakeCall) =>
    (verdict: Verdict): Outcome | StatusReading => {
      const unit = `${call.handle}:${call.tokens[0] ?? ''}`
      const did = call.step !== 'status' && ['yes', 'done, unheard', 'partly'].includes(verdict)
      const denied = ['throttled', 'refused', 'auth'].includes(verdict)
      heard.push({ unit, step: call.step, process, did, denied, leaps })
      if (call.step === 'status') {
        if (verdict === 'throttled' || verdict === 'auth' || verdict.endsWith('unheard'))
          return { outcome: outcomeOf(verdict), record: null }
        return record(shown.get(unit) ?? 'FINISHED')
      }
      if (did) shown.set(unit, proof[call.step])
      return outcomeOf(verdict, call.tokens.length)
    }

  interface Instance {
    readonly process: Process
    busy: boolean
    sweep(): void
  }
  const startInstance = (name: string): Instance => {
    const process: Process = { name, alive: true }
    const answer = (call: FakeCall) => director.call(process, decide(process, call))
    const [tokens, tasks] = (['tokens', 'task'] as const).map(
      addressing => fakeProvider({ addressing, answer }).provider,
    )
    const find = async (name: string): Promise<App | null> => {
      const provider = name === 'tasks' ? tasks : tokens
      return provider === undefined ? null : { name, provider, credentials: { provider: provider.name } }
    }
    const own = director.ledgerOf(process, ledger)
    const log = createLog({ level: 'silent' })
    const drainer = createDrainer({
      sql: own,
      apps: { names: async () => ['app', 'tasks'], find, renew: async () => false },
      send,
      log,
      // whoever is dead has no time left
      now: () => (process.alive ? Date.now() : Infinity),
      chance: () => 1,
      vendorTimeoutMs: 1000,
      inFlight: 4,
    })
    const instance: Instance = {
      process,
      busy: false,
      sweep: () => {
        if (instance.busy) return
        instance.busy = true
        const context = {
          ledger: own,
          config: { sweeps: processCount },
          firing: { name: 'sweep', at: null, message: null },
          kick: null,
          policy: async () => defaultPolicy,
          // it never sleeps: what is due later is a later sweep's
          drainer: { ...drainer, run: (id: string | null, untilMs: number) => drainer.run(id, untilMs, 0) },
          invocation: { requestId: 'r', coldStart: false, remainingMs: () => 10_000, platform: 'scf' },
          log,
        } as unknown as TimerContext
        void sweep(context, recallSteps)
          .catch(() => {})
          .finally(() => (instance.busy = false))
      },
    }
    return instance
  }
  const instances = Array.from({ length: processCount }, (_, index) => startInstance(`p${index}`))

  /** As `director.settled`, but a sweep that waits for nobody is waited for: it loads a module, or ends just now. */
  const settled = async (): Promise<number> => {
    const until = Date.now() + mostLoadingMs
    let waiting = await director.settled()
    while (waiting === 0 && instances.some(({ busy }) => busy) && Date.now() < until) {
      await new Promise(resolve => setTimeout(resolve, 1))
      waiting = await director.settled()
    }
    return waiting
  }
  const leap = async (ms: number): Promise<void> => {
    leaps += 1
    await passTime(ledger, ms)
  }
  const client = startInstance('client').process
  const asClient = (work: (own: Ledger) => Promise<unknown>): void => {
    void work(director.ledgerOf(client, ledger)).catch(() => {})
  }

  for (const choice of script.choices) {
    steps += 1
    const waiting = await settled()
    const [kind, detail] = [choice % 100, Math.floor(choice / 100)]
    const instance = instances[detail % processCount]
    const id = ids[detail % ids.length]
    if (instance === undefined || id === undefined) break
    if (kind < 80 && waiting > 0) {
      const rest = Math.floor(detail / waiting)
      const how = deliveries[rest % deliveries.length] ?? 'whole'
      await director.deliver(detail % waiting, how, verdicts[rest % verdicts.length] ?? 'yes')
    } else if (kind < 84) instance.sweep()
    else if (kind < 89) {
      const verdict = verdicts[Math.floor(detail / 4) % verdicts.length] ?? 'yes'
      await director.kill(instance.process, detail % 4 < 2, verdict)
      instances[detail % processCount] = startInstance(`${instance.process.name}'`)
    } else if (kind < 95) await leap(leapsMs[detail % leapsMs.length] ?? 0)
    else if (kind < 97) {
      asClient(async own => {
        if (await cancelRecall(own, id, tester, entryOf('recall.cancelled', id))) await finishRecalls(own, [id])
      })
    } else if (kind < 99) asClient(own => retryRecall(own, id, 24, tester, entryOf('recall.retried', id)))
    else for (const each of instances) each.sweep()
  }

  // from here on nothing fails: whatever was left must come to an end
  let open = ids.length
  for (let round = 0; round < mostRounds && open > 0; round++) {
    while ((await settled()) > 0) {
      steps += 1
      await director.deliver(0, 'whole', 'yes')
    }
    const [row] = await ledger.query<{ open: number }>("select count(*) as open from recall where state = 'running'")
    open = row?.open ?? 0
    if (open === 0) break
    await leap(leapsMs[2])
    instances[0]?.sweep()
  }
  for (const { process } of instances) process.alive = false
  const stuck = open > 0 ? [`${open} recalls have no end`] : []
  return { faults: [...stuck, ...(await faultsOf(ledger, heard))], steps }
}

/** What moderation and the audit trail do is not simulated. */
const recallSteps = sweepSteps.filter(({ name }) => name !== 'trail' && name !== 'verdicts')

async function forget(ledger: Ledger): Promise<void> {
  await ledger.script(
    'delete from attempt_begun; delete from attempt_answered; delete from work; delete from recall_target; delete from recall; delete from token_batch; delete from target; delete from vendor_record; delete from bucket; delete from breaker; delete from broken_promise',
  )
}

/**
 * Processes that start at once with an empty cache: one login for all of them, at every vendor that has one, and where the vendor
 * refuses what it gave, one more. Short: 4 processes; long (`npm run soak`): 16.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { demoAccess } from '../../sandbox/demo.ts'
import { standIns } from '../../sandbox/vendors/registry.ts'
import type { StandIn } from '../../sandbox/vendors/stand-in.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { allProviders } from '../../shared/providers/registry.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'
import { bundleFunctions, type Functions, type Running } from './processes.ts'

const count = soak ? 16 : 4
const withLogin = new Map(
  (await allProviders()).flatMap(one => (one.login === undefined ? [] : [[one.name, one.login]])),
)

describeOnPostgres('processes that start at once', url => {
  const states = new Map<string, object>()
  const own = standIns
    .filter(({ vendor }) => withLogin.has(vendor))
    .map((standIn): StandIn => {
      const createState: StandIn['createState'] = makeKey => {
        const state = standIn.createState(makeKey)
        states.set(standIn.vendor, state)
        return state
      }
      return { ...standIn, createState }
    })
  let service: Service
  let ledger: Ledger
  let functions: Functions
  let folder = ''
  let processes: readonly Running[] = []
  beforeAll(async () => {
    service = await startService({ ledgerUrl: url(), standIns: own })
    ledger = await openLedger(url(), { connections: 1 })
    functions = await bundleFunctions()
    folder = await mkdtemp(join(tmpdir(), 'unpush-logins-'))
    const unlimited = { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null }
    const secrets = {
      ...service.sandbox.secrets(service.url),
      'unpush/access': demoAccess(service.keys),
      'unpush/policy': { approvalAbove: null, limits: unlimited },
    }
    await writeFile(join(folder, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 })
    const environment = { LEDGER_URL: url(), SECRETS: `file:${join(folder, 'secrets.json')}` }
    processes = Array.from({ length: count }, () =>
      functions.start({ steps: [], crash: null, stays: true }, environment),
    )
    await Promise.all(processes.map(one => one.answers()))
  })
  afterAll(async () => {
    for (const one of processes) one.kill()
    await Promise.all(processes.map(one => one.ended))
    await ledger.close()
    await functions.close()
    await service.close()
    await rm(folder, { recursive: true, force: true })
  })

  let round = 0
  /** Each process takes back a push of its own, all at the same time. Resolves with how the recalls ended. */
  const revokeAll = async (standIn: StandIn): Promise<string[]> => {
    const targets = processes.map(() => {
      const campaign = { title: 'wrong', body: 'b', round: String(++round) }
      const [message] = service.sandbox.running(standIn).demo(campaign)
      return message?.target
    })
    const answers = await Promise.all(
      processes.map(async (one, index) => {
        const body = JSON.stringify({ target: targets[index], reason: 'wrong link' })
        const headers = {
          authorization: `Bearer ${service.keys.operator}`,
          'content-type': 'application/json',
          prefer: 'wait=30',
        }
        const [answer] = await one.answers([{ call: 'revoke', path: '/v1/revoke', headers, body }])
        return answer?.body ?? ''
      }),
    )
    return answers.map(body => (JSON.parse(body) as { state?: string }).state ?? body)
  }
  const loginsOf = async ({ vendor }: StandIn) => {
    const rows = await ledger.query<{ version: number }>("select version from login where id like $1::text || ':%'", [
      vendor,
    ])
    return rows.map(({ version }) => version)
  }
  /** What the vendor says it was asked for; a token of our own making is asked for of nobody. */
  const told = ({ vendor }: StandIn) => (states.get(vendor) as { readonly logins?: number }).logins ?? null
  /** Whatever it gave out is refused from now on. True: it gave out something. */
  const forget = ({ vendor }: StandIn): boolean => {
    const given = Object.values(states.get(vendor) ?? {}).filter(
      (member: unknown): member is { [token: string]: unknown } =>
        typeof member === 'object' &&
        member !== null &&
        Object.values(member).some(
          one => typeof one === 'object' && one !== null && 'endsAtMs' in one && 'calls' in one,
        ),
    )
    for (const tokens of given) for (const token of Object.keys(tokens)) delete tokens[token]
    return given.length > 0
  }

  it('has a stand-in of every vendor with a login', () => {
    expect(own.map(({ vendor }) => vendor).toSorted()).toEqual([...withLogin.keys()].toSorted())
  })

  it.each(own.map(standIn => [standIn.vendor, standIn] as const))(
    'log in once at %s, and once more where that is refused',
    async (vendor, standIn) => {
      expect(new Set(await revokeAll(standIn)), vendor).toEqual(new Set(['done']))
      expect(await loginsOf(standIn)).toEqual([1])
      expect([1, null]).toContain(told(standIn))
      const isRefused = forget(standIn)
      expect(new Set(await revokeAll(standIn)), vendor).toEqual(new Set(['done']))
      expect(await loginsOf(standIn)).toEqual([isRefused ? 2 : 1])
      expect([isRefused ? 2 : 1, null]).toContain(told(standIn))
    },
  )
  it('have logged in no more often than that, all in all', async context => {
    const all = await Promise.all(own.map(async one => `${one.vendor} ${(await loginsOf(one)).join()}`))
    expect(all.filter(one => !/^\S+ [12]$/.test(one))).toEqual([])
    figure(context, `${count} processes at once: logins, one more after a refusal`, all.join(', '), '1 and 2')
  })
})

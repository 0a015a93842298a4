/**
 * Replies of real vendors' shapes with anything in them, through the real parsers and the real statements, beside recalls of
 * other apps that are answered in the same moment.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Received, Sending } from '../../shared/http.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { huawei } from '../../shared/providers/huawei/index.ts'
import type { Credentials, Provider } from '../../shared/providers/provider.ts'
import type { Operation } from '../../shared/operation.ts'
import { tpns } from '../../shared/providers/tpns/index.ts'
import type { Apps } from '../../shared/recall/apps.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { document as huaweiDocument } from '../providers/huawei/app.ts'
import { openCredentials } from '../providers/subject.ts'
import { document as tpnsDocument } from '../providers/tpns/app.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitAll, type Planned } from '../support/planned-recall.ts'
import { codePointReplies, type OddReply, oddReply } from './odd-replies.ts'

const isSoak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const seed = Number(process.env['UNPUSH_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const atOnce = 64
const timeout = isSoak ? 1_800_000 : 300_000

interface Unit {
  readonly app: string
  readonly vendor: 'tpns' | 'huawei'
  readonly operation: Operation
  /** Null: an honest vendor. */
  readonly reply: OddReply | null
}

/** Of a vendor that does what it is asked to and says so. */
function honestReply(vendor: Unit['vendor'], path: string, made: readonly string[]): string {
  if (vendor === 'huawei') return '{"code":"80000000","msg":"Success","requestId":"1"}'
  if (!isLook(path)) return '{"retCode":0,"errMsg":"NO_ERROR"}'
  const status = made.every(isLook) ? 'PUSH_FINISHED' : 'PUSH_REVOKED'
  return `{"retCode":0,"errMsg":"","pushRecordData":[{"status":"${status}","pushType":"all","messageType":"notify"}]}`
}

const isOverlay = (path: string) => path === '/v3/push/app'
const isLook = (path: string) => path.endsWith('/get_push_record')

let names = 0

/** Each unit its own app, budget and credential, and the calls that came for it in order. */
function world(units: readonly Unit[]) {
  const account = openCredentials(huawei, huaweiDocument).serviceAccount
  const byName = new Map(units.map(unit => [unit.app, unit]))
  const calls = new Map<string, string[]>(units.map(({ app }) => [app, []]))
  const apps: Apps = {
    names: async () => [...byName.keys()],
    find: async name => {
      const unit = byName.get(name)
      if (unit === undefined) return null
      const number = name.replace(/\D/g, '')
      const credentials: Credentials =
        unit.vendor === 'tpns'
          ? openCredentials(tpns, { ...tpnsDocument, accessId: number })
          : // one account object: its token is signed once
            Object.assign(openCredentials(huawei, { ...huaweiDocument, clientId: number }), { serviceAccount: account })
      // oxlint-disable-next-line no-unsafe-type-assertion -- each goes with its own credentials
      return { name, provider: (unit.vendor === 'tpns' ? tpns : huawei) as unknown as Provider, credentials }
    },
    renew: async () => false,
  }
  const send = async ({ url, headers, body }: Sending): Promise<Received> => {
    const path = new URL(url).pathname
    const sent = JSON.parse(typeof body === 'string' ? body : Buffer.concat(body).toString())
    const app = `app-${headers['AccessId'] ?? sent.token?.[0]?.split('-')[0] ?? sent.target.token[0].split('-')[0]}`
    calls.get(app)?.push(path)
    const unit = byName.get(app)
    if (unit === undefined) throw new Error(`a call for ${app}`)
    if (unit.reply !== null) return { headers: {}, ...unit.reply }
    return { status: 200, headers: {}, text: honestReply(unit.vendor, path, calls.get(app) ?? []) }
  }
  return { apps, send, calls }
}

/** Recalls all units at once, and looks at what became of each. Resolves with how many have been settled. */
async function tryOut(ledger: Ledger, units: readonly Unit[]): Promise<number> {
  const { apps, send, calls } = world(units)
  const failures: string[] = []
  const log = createLog({ stream: { write: text => void (text.includes('"level":"error"') && failures.push(text)) } })
  const drainer = createDrainer({
    sql: ledger,
    apps,
    send,
    log,
    now: Date.now,
    // what is to be tried again is tried after this test
    chance: () => 1,
    vendorTimeoutMs: 1000,
    inFlight: 32,
  })
  await admitAll(ledger, units.map(plannedOf))
  await drainer.run(null, Date.now() + 600_000, 0)
  await drainer.idle()
  const names = JSON.stringify(units.map(({ app }) => app))
  const unsettled = await ledger.query<{ app: string; step: string }>(
    `select w.app, a.step from work w join attempt a on a.work_id = w.id
     where w.app in (select json_array_elements_text($1::text::json)) and (a.finished_at is null or w.state = 'running')`,
    [names],
  )
  expect(unsettled).toEqual([])
  const works = await ledger.query<{ app: string; devices: number | null; sum: number; result: string | null }>(
    `select app, devices, accepted + rejected + unknown as sum, result from work
     where app in (select json_array_elements_text($1::text::json)) order by id`,
    [names],
  )
  for (const { app, result, devices, sum } of works) {
    const unit = units.find(unit => unit.app === app)
    const made = calls.get(app) ?? []
    // a second overlay only after a look at what the first one did
    const overlays = made.flatMap((path, index) => (isOverlay(path) ? [index] : []))
    expect(overlays.slice(1).every((end, index) => made.slice(overlays[index], end).some(isLook))).toBe(true)
    if (result !== null && devices !== null) expect(sum).toBe(devices)
    if (unit?.reply !== null) continue
    expect([app, result]).toEqual([app, 'accepted'])
    expect(made.filter(path => !isLook(path))).toHaveLength(1)
  }
  expect(failures).toEqual([])
  return works.length
}

function plannedOf({ app, vendor, operation }: Unit): Planned {
  const handle = app.replace(/\D/g, '')
  return {
    app: vendor === 'tpns' ? 'tasks' : 'app',
    operation,
    ladder: vendor === 'tpns' && operation !== 'stop' ? [operation, 'stop'] : [operation],
    batches: vendor === 'tpns' ? [] : [3],
    giveUpHours: 1,
    as: { app, provider: vendor, handle },
  }
}

function unitsOf(replies: readonly { vendor: Unit['vendor']; operation: Operation; reply: OddReply | null }[]): Unit[] {
  return replies.map(unit => ({ app: `app-${1_000_000 + ++names}`, ...unit }))
}

const oddUnit = fc.oneof(
  fc.record({
    vendor: fc.constant('tpns' as const),
    operation: fc.constantFrom<Operation[]>('stop', 'revoke', 'overlay'),
    reply: oddReply('tpns'),
  }),
  fc.record({
    vendor: fc.constant('huawei' as const),
    operation: fc.constantFrom<Operation[]>('revoke', 'overlay'),
    reply: oddReply('huawei'),
  }),
)
const neighbours = [
  { vendor: 'tpns', operation: 'revoke', reply: null },
  { vendor: 'huawei', operation: 'revoke', reply: null },
  { vendor: 'huawei', operation: 'overlay', reply: null },
] as const

describeOnLedgers('replies', (ledger, engine) => {
  it('with anything in them leave no unit unsettled, repeat no overlay and touch no neighbour', {
    timeout,
  }, async () => {
    const bodies = isSoak ? 10_000 : engine === 'pglite' ? 192 : 64
    for (let run = 0; run * atOnce < bodies; run++) {
      const odd = fc.sample(oddUnit, { seed: seed + run, numRuns: atOnce })
      await expect(tryOut(ledger(), unitsOf([...odd, ...neighbours])), `UNPUSH_TEST_SEED=${seed + run}`).resolves.toBe(
        odd.length + neighbours.length,
      )
    }
  })

  it('with every code point in them are all kept', { timeout }, async () => {
    const points = [...codePointReplies(isSoak ? 1 : 0.1)]
    for (let start = 0; start < points.length; start += 256) {
      const odd = points.slice(start, start + 256).map(({ text }, index) => {
        // some of them with a cut in every place
        const cut = `${'错'.repeat(499 - (index % 3))}${text}`
        const words = index % 2 === 0 ? text : cut
        const reply =
          index % 3 === 0
            ? {
                vendor: 'tpns' as const,
                text: JSON.stringify({ retCode: 1008007, errMsg: words, pushId: text.slice(0, 60) }),
              }
            : {
                vendor: 'huawei' as const,
                text: JSON.stringify({ code: '80100001', msg: words, requestId: text.slice(0, 60) }),
              }
        return { vendor: reply.vendor, operation: 'revoke' as const, reply: { status: 200, text: reply.text } }
      })
      expect(await tryOut(ledger(), unitsOf([...odd, ...neighbours]))).toBe(odd.length + neighbours.length)
    }
  })
})

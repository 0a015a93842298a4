/**
 * A process that asks for one device a request is killed again and again: no device is lost, and no more are asked for twice than
 * its open units had. Short: 20,000 devices and 3 kills; long (`npm run soak`): a million and 20.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { deviceSecrets, deviceToken } from '../../bench/devices.ts'
import { startChild, startFunctions } from '../../bench/processes.ts'
import { createApiKey } from '../../shared/access/api-key.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { passTime } from '../support/pass-time.ts'

const many = soak ? 1_000_000 : 20_000
const kills = soak ? 20 : 3
const chunk = 20_000

describeOnPostgres('one device a request', url => {
  it(
    `loses none of ${many} over ${kills} kills, and repeats no more than what was open`,
    async context => {
      const folder = await mkdtemp(join(tmpdir(), 'unpush-devices-'))
      const vendor = await startChild('bench/device-vendor.ts', /vendor on (\d+)/, {}, [String(many)])
      const ledger = await openLedger(url(), { connections: 2 })
      const { key, sha256 } = createApiKey()
      await writeFile(join(folder, 'secrets.json'), deviceSecrets(sha256, `http://127.0.0.1:${vendor.said}`), {
        mode: 0o600,
      })
      const paths = { messages: '/v1/messages', revoke: '/v1/revoke', recalls: '/v1/recalls', sweep: '/timer/sweep' }
      const environment = { LEDGER_URL: url(), SECRETS: `file:${join(folder, 'secrets.json')}` }
      const start = () => startFunctions(paths, folder, environment)
      let service = await start()
      const call = async (path: string, body: string | null, headers: { readonly [name: string]: string } = {}) => {
        const reply = await fetch(`http://127.0.0.1:${service.said}${path}`, {
          method: body === null ? 'GET' : 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
          ...(body !== null && { body }),
        })
        const text = await reply.text()
        expect(reply.ok, text.slice(0, 300)).toBe(true)
        return text === '' ? null : JSON.parse(text)
      }
      const told = async () =>
        (await (await fetch(`http://127.0.0.1:${vendor.said}`)).json()) as { devices: number; twice: number }
      try {
        await call('/v1/messages', JSON.stringify({ id: 'm', targets: [{ app: 'bench', tag: 'm', tokens: [] }] }))
        for (let from = 0; from < many; from += chunk) {
          const lines = Array.from({ length: chunk }, (_, index) => JSON.stringify(deviceToken(from + index)))
          await call('/v1/messages/m/tokens?app=bench', lines.join('\n'), { 'content-type': 'application/x-ndjson' })
        }
        const { id } = await call('/v1/revoke', JSON.stringify({ message: 'm', reason: 'r' }))
        let open = 0
        for (let kill = 1; kill <= kills; kill++) {
          const before = (await told()).devices
          // a run ends with its time limit, and a slow machine needs several for one part
          const killed = new AbortController()
          const running = (async () => {
            while (!killed.signal.aborted) await call('/timer/sweep', '').catch(() => null)
          })()
          // in the middle of it, and each time further on
          const until = Math.min(many, before + many / (kills + 2))
          while ((await told()).devices < until) await sleep(20)
          killed.abort()
          process.kill(service.pid, 'SIGKILL')
          await running
          const [row] = await ledger.query<{ n: number }>(
            "select coalesce(sum(devices), 0)::int as n from work where state = 'running'",
          )
          open += row?.n ?? 0
          // their leases are over
          await passTime(ledger, 120_000)
          service = await start()
        }
        let recall = await call(`/v1/recalls/${id}`, null)
        while (recall.state === 'running') {
          await call('/timer/sweep', '')
          recall = await call(`/v1/recalls/${id}`, null)
        }
        const { devices, twice } = await told()
        figure(context, `${kills} kills among ${many} devices: asked for twice`, `${twice} of ${open} open`, '≤ open')
        expect(recall).toMatchObject({ state: 'done', devices: { total: many, accepted: many } })
        expect(devices).toBe(many)
        expect(twice).toBeLessThanOrEqual(open)
        expect(open).toBeGreaterThan(0)
      } finally {
        await service.end()
        await ledger.close()
        await vendor.end()
        await rm(folder, { recursive: true, force: true })
      }
    },
    soak ? 3_600_000 : 300_000,
  )
})

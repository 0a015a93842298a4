/** The end of the local service while a timer runs that cannot be waited for. */
import { expect, it } from 'vitest'
import { startService } from '../support/service.ts'

it('is one line for a run that is cut off, and no stack of a closed ledger', async () => {
  const service = await startService()
  const { sandbox, gateway, logged } = service
  const pushId = sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all' }).pushId
  const target = { app: 'news-android', pushId }
  // its call is cut off at the end, which the run wants to write down
  sandbox.switches.tpns.latencyMs = 60_000
  await service.call('POST', '/v1/revoke', { target, reason: 'r' }, { headers: { prefer: 'wait=0' } })
  await gateway.runtime.ledger.query("update work set lease_until = now() - interval '1 second', run_at = now()")
  await gateway.runtime.kick?.()
  const { ledger } = gateway.runtime
  await expect
    .poll(() => ledger.query("select from work where state = 'running' and lease_until > now()"), { timeout: 30_000 })
    .toHaveLength(1)
  await service.close()
  const before = logged.length
  await new Promise(resolve => setTimeout(resolve, 500))
  expect(logged.filter(line => line.includes('ended while a timer ran')).map(line => JSON.parse(line).timer)).toEqual([
    'sweep',
  ])
  expect(logged.slice(before)).toEqual([])
  expect(logged.filter(line => line.includes('"level":"error"'))).toEqual([])
})

/** The end of the local service while a timer runs that cannot be waited for. */
import { expect, it } from 'vitest'
import { startService } from '../support/service.ts'

/** A call to a vendor is given up after ten seconds, and the run with it: on busy cores it may have ended by itself. */
const longestMs = 8000

it('is one line for a run that is cut off, and no stack of a closed ledger', async () => {
  for (let tries = 1; ; tries++) {
    const { tookMs, timers, after, errors } = await endedMeanwhile()
    expect(after).toEqual([])
    expect(errors).toEqual([])
    if (timers.length === 0 && tookMs > longestMs && tries < 10) continue
    expect(timers).toEqual(['sweep'])
    break
  }
})

/** Ends a service whose sweep waits for a vendor. */
async function endedMeanwhile() {
  const service = await startService()
  const { sandbox, gateway, logged } = service
  const pushId = sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all' }).pushId
  const target = { app: 'news-android', pushId }
  // its call is cut off at the end, which the run wants to write down
  sandbox.switches.tpns.latencyMs = 60_000
  await service.call('POST', '/v1/revoke', { target, reason: 'r' }, { headers: { prefer: 'wait=0' } })
  await gateway.runtime.ledger.query("update work set lease_until = now() - interval '1 second', run_at = now()")
  const startedAt = Date.now()
  await gateway.runtime.kick?.()
  const { ledger } = gateway.runtime
  await expect
    .poll(() => ledger.query("select from work where state = 'running' and lease_until > now()"))
    .toHaveLength(1)
  await service.close()
  const tookMs = Date.now() - startedAt
  const before = logged.length
  await new Promise(resolve => setTimeout(resolve, 500))
  return {
    tookMs,
    timers: logged.filter(line => line.includes('ended while a timer ran')).map(line => JSON.parse(line).timer),
    after: logged.slice(before),
    errors: logged.filter(line => line.includes('"level":"error"')),
  }
}

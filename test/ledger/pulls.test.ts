import { expect, it } from 'vitest'
import { claimPulls, dueEndpoints, settlePull, wantPull } from '../../shared/ledger/pulls.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

describeOnLedgers('questions about jobs', ledger => {
  const want = (endpoint: string, job: string) => wantPull(ledger(), endpoint, { job, content: null }, 'p:')
  const claim = (endpoint: string, limit = 8, perMinute = 60) =>
    claimPulls(ledger(), endpoint, limit, { hinted: 600, unhinted: perMinute }, 20_000)

  it('are noted once, and call one run', async () => {
    expect(await want('e_once', 'a')).toBe('first')
    expect(await want('e_once', 'a')).toBe('noted')
    expect(await want('e_once', 'b')).toBe('noted')
    expect(await dueEndpoints(ledger())).toContain('e_once')
  })

  it('are asked again by another when who had one dies, and the dead one changes nothing any more', async () => {
    await want('e_dies', 'a')
    const [dead] = await claim('e_dies')
    expect(await claim('e_dies')).toEqual([])
    await ledger().query("update pull set lease_until = now() - interval '1 second' where endpoint = 'e_dies'")
    const [heir] = await claim('e_dies')
    expect(heir).toMatchObject({ job: 'a', fence: 2, tries: 2 })
    if (dead === undefined || heir === undefined) throw new Error('nothing was claimed')
    await settlePull(ledger(), 'e_dies', dead, 'gone', 0, 'late')
    const read = async () => (await ledger().query("select state, problem from pull where endpoint = 'e_dies'"))[0]
    expect(await read()).toEqual({ state: 'open', problem: null })
    await settlePull(ledger(), 'e_dies', heir, 'done', 0, null)
    expect(await read()).toEqual({ state: 'done', problem: null })
  })

  it('wait half a minute before they are asked again, whatever comes in', async () => {
    await want('e_rests', 'a')
    const [claimed] = await claim('e_rests')
    if (claimed === undefined) throw new Error('nothing was claimed')
    await settlePull(ledger(), 'e_rests', claimed, 'done', 0, null)
    await want('e_rests', 'a')
    expect(await claim('e_rests')).toEqual([])
    const [row] = await ledger().query<{ ms: number }>(
      "select extract(epoch from run_at - asked_at)::float8 * 1000 as ms from pull where endpoint = 'e_rests'",
    )
    expect(row?.ms).toBeGreaterThanOrEqual(30_000)
  })

  it('are capped by the minute, however many ask at once', async () => {
    for (let job = 0; job < 40; job++) await want('e_capped', `j${job}`)
    const claims = await Promise.all(Array.from({ length: 12 }, () => claim('e_capped', 5, 20)))
    expect(claims.flat()).toHaveLength(20)
    expect(await claim('e_capped', 5, 20)).toEqual([])
    // another endpoint has a cap of its own
    await want('e_free', 'a')
    expect(await claim('e_free', 5, 20)).toHaveLength(1)
  })

  it('reach the newest of each content where permits come one by one, and older ones go on waiting', async () => {
    const contents = ['c:1', 'c:2', 'c:3', 'c:4', 'c:5']
    await ledger().query(
      "insert into message (id, digest, contents, registered_by, owner) values ('m-drip', 'd', array(select json_array_elements_text($1::text::json)), 'key:a', 'a')",
      [JSON.stringify(contents)],
    )
    const wantOf = (job: string, content: string) => wantPull(ledger(), 'e_drip', { job, content }, 'p:')
    for (let made = 0; made < 400; made++) await wantOf(`made-${made}`, contents[made % contents.length] ?? '')
    await wantOf('genuine', 'c:1')
    const asked: string[] = []
    // a chance of one in ten each time, so that 300 in a row miss it once in 10^13 runs
    while (!asked.includes('genuine') && asked.length < 300) {
      const [one] = await claimPulls(ledger(), 'e_drip', 8, { hinted: 1, unhinted: 0 }, 20_000)
      if (one === undefined) throw new Error('nothing was claimed')
      asked.push(one.job)
      await settlePull(ledger(), 'e_drip', one, 'gone', 0, null)
      await ledger().query(
        "update pull set asked_at = asked_at - interval '2 minutes' where asked_at > now() - interval '1 minute'",
      )
    }
    expect(asked).toContain('genuine')
  })
})

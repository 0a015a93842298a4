/** From a signed verdict to the phones, without a person. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { actingSources, signerOf } from '../moderation/subjects.ts'
import { type Moderated, startModerated } from '../moderation/moderated-service.ts'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Reply, showing } from '../support/service.ts'

describeOnUrls('moderation', suite)

let pushes = 1000
const nextPush = () => String(pushes++)

function suite(ledgerUrl: () => string): void {
  let service: Moderated
  beforeAll(async () => {
    service = await startModerated(ledgerUrl())
  })
  afterAll(() => service.closeWhole())

  /** For what never comes: on busy cores each look takes its time. */
  const longest = 60_000
  const sweep = () => fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })
  const recallsOf = async (content: string) =>
    (await service.recalls()).filter(({ subject }) => (subject as { content?: string }).content === content)

  /** Whoever drains it: the request itself, or the sweep that it called. */
  const ended = ({ body }: Reply) =>
    vi.waitFor(async () => {
      expect((await service.call('GET', `/v1/recalls/${body.recall?.id}`)).body.state).toBe('done')
    }, longest)

  it.each(actingSources)('takes a campaign back at a signed block of %s', async source => {
    const [content, pushId] = [`${source}:1`, nextPush()]
    await service.push(content, pushId)
    expect(showing(service.sandbox, 'tpns', pushId)).toBeGreaterThan(0)
    const reply = await service.say(source, { content, verdict: 'block' })
    expect(reply.status).toBe(200)
    // the sweep that was kicked may be at it still
    await vi.waitFor(async () => expect(await recallsOf(content)).toMatchObject([{ state: 'done' }]), longest)
    expect(showing(service.sandbox, 'tpns', pushId)).toBe(0)
    const [recall] = await recallsOf(content)
    const { id } = service.endpoints[source] ?? {}
    expect(recall).toMatchObject({ operation: 'revoke', requestedBy: `endpoint:${id}`, person: null })
    expect(await service.verdicts(`content=${content}`)).toMatchObject([
      { state: 'recalled', source, operation: 'revoke', recalls: [recall?.id], messages: 1, detail: null },
    ])
  })

  it('takes a campaign back at a block that comes when a run of sweep is behind its drain', async () => {
    for (const content of ['kicks', 'kicked']) await service.push(content, nextPush())
    const { ledger } = service.gateway.runtime
    const query = ledger.query.bind(ledger)
    let goOn = () => {}
    const blocked = new Promise<void>(resolve => (goOn = resolve))
    let arrive = () => {}
    const behind = new Promise<void>(resolve => (arrive = resolve))
    const spy = vi.spyOn(ledger, 'query').mockImplementation(async (text, ...rest) => {
      if (text.includes('write_metrics')) {
        arrive()
        await blocked
      }
      return query(text, ...rest)
    })
    try {
      // it calls that run
      await service.say('standard-webhooks', { content: 'kicks', verdict: 'block' })
      await behind
      spy.mockImplementation(query)
      await service.say('standard-webhooks', { content: 'kicked', verdict: 'block' })
      goOn()
      await vi.waitFor(async () => expect(await recallsOf('kicked')).toMatchObject([{ state: 'done' }]), longest)
    } finally {
      goOn()
      spy.mockRestore()
    }
  })

  it('names who registered what was blocked before, also where sweep comes first', async () => {
    await service.say('standard-webhooks', { content: 'late', verdict: 'block' })
    const { ledger } = service.gateway.runtime
    const query = ledger.query.bind(ledger)
    const spy = vi.spyOn(ledger, 'query').mockImplementation((text, ...rest) =>
      // as where the process dies before it looks for verdicts
      text.includes('from verdict v') ? Promise.reject(new Error('dead')) : query(text, ...rest),
    )
    await service.push('late', nextPush())
    spy.mockRestore()
    await sweep()
    const [recall] = await recallsOf('late')
    const causes = recall?.causedBy as readonly { readonly by: string; readonly actor: string }[]
    expect(causes.map(({ by, actor }) => [by, actor.replace(/:.*/, '')])).toEqual([
      ['verdict', 'endpoint'],
      ['content', 'key'],
    ])
  })

  it('does nothing at a pass or a review', async () => {
    await service.push('quiet', nextPush())
    for (const verdict of ['pass', 'review'] as const) await service.say('tencent-ams', { content: 'quiet', verdict })
    expect(await recallsOf('quiet')).toEqual([])
    expect((await service.verdicts('content=quiet')).map(({ state }) => state)).toEqual(['recorded', 'recorded'])
  })

  it('makes one recall of one verdict over many messages', async () => {
    for (let i = 0; i < 40; i++) await service.push('many', nextPush())
    await service.say('aliyun-green', { content: 'many', verdict: 'block' })
    const [recall, ...more] = await recallsOf('many')
    expect(more).toEqual([])
    expect(recall?.['targets']).toHaveLength(40)
    expect(await service.verdicts('content=many')).toMatchObject([{ messages: 40, recalls: [recall?.id] }])
  })

  it('waits a day for the message, and acts when it is registered', async () => {
    await service.say('tencent-ams', { content: 'early', verdict: 'block' })
    expect(await service.verdicts('content=early')).toMatchObject([{ state: 'waiting', recalls: [] }])
    const first = await service.push('early', nextPush())
    await ended(first)
    const pushId = nextPush()
    const second = await service.push('early', pushId)
    expect(second.body.recall.id).not.toBe(first.body.recall.id)
    await ended(second)
    expect(showing(service.sandbox, 'tpns', pushId)).toBe(0)
    expect(await service.verdicts('content=early')).toMatchObject([{ state: 'recalled', messages: 2 }])
    await service.gateway.runtime.ledger.query(
      "update verdict set received_at = now() - interval '24 hours 1 second' where content = 'early'",
    )
    expect((await service.push('early', nextPush())).body.recall).toBeNull()
    await service.say('tencent-ams', { content: 'never', verdict: 'block' })
    await service.gateway.runtime.ledger.query(
      "update verdict set received_at = now() - interval '24 hours 1 second' where content = 'never'",
    )
    expect(await service.verdicts('state=unmatched')).toMatchObject([{ content: 'never' }])
  })

  it('acts on a content that a message is given later', async () => {
    await service.say('tencent-ams', { content: 'added', verdict: 'block' })
    const { body } = await service.push('innocent', nextPush())
    expect(body.recall).toBeNull()
    const changed = await service.call('PATCH', `/v1/messages/${body.id}`, { contents: ['added'] })
    await ended(changed)
  })

  it('has one effect of a hundred at once, of every source', async () => {
    for (const source of actingSources) {
      const content = `hundred:${source}`
      await service.push(content, nextPush())
      const signer = signerOf(source)
      const { secret = {} } = service.endpoints[source] ?? {}
      const sent = signer.sign(signer.write({ content, verdict: 'block' }), secret)
      const replies = await Promise.all(Array.from({ length: 100 }, () => service.deliver(source, sent)))
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
      await actedOn(content)
      expect(await service.verdicts(`content=${content}`)).toHaveLength(1)
      // what no time protects must not come back to life when its verdict has been forgotten
      await service.gateway.runtime.ledger.query(
        `update verdict set received_at = now() - interval '91 days' where content = '${content}'`,
      )
      await sweep()
      expect(await service.verdicts(`content=${content}`)).toEqual([])
      await service.push(content, nextPush())
      expect((await service.deliver(source, sent)).status).toBe(200)
      expect(await service.verdicts(`content=${content}`)).toEqual([])
      expect(await recallsOf(content)).toHaveLength(1)
    }
  })

  /** One recall. A receiver that is slow answers before it has acted, and the timer goes on with it. */
  const actedOn = (content: string) =>
    vi.waitFor(async () => {
      if ((await recallsOf(content)).length === 0) await sweep()
      expect(await recallsOf(content)).toHaveLength(1)
    }, longest)

  it('does nothing at 500 forged verdicts of sources that sign none, and notes them', async () => {
    const { ledger } = service.gateway.runtime
    const [before] = await ledger.query<{ count: number }>('select count(*) from recall')
    await service.push('forged', nextPush())
    for (const source of ['tencent-ci', 'huawei-moderation']) {
      const replies = await Promise.all(
        Array.from({ length: 250 }, () => service.say(source, { content: 'forged', verdict: 'block' })),
      )
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    }
    // nor does an unsigned pass hide a signed block
    await service.say('tencent-ci', { content: 'forged', verdict: 'pass' })
    await sweep()
    expect(await ledger.query('select count(*) from recall')).toEqual([before])
    expect(await ledger.query("select distinct severity from verdict where tier = 'C'")).toEqual([{ severity: null }])
    const states = (await service.verdicts('content=forged')).map(({ state }) => state)
    expect(new Set(states)).toEqual(new Set(['recorded']))
    await service.say('tencent-ams', { content: 'forged', verdict: 'block' })
    await actedOn('forged')
  })

  it('goes on with what a dead receiver left', async () => {
    await service.push('left', nextPush())
    await service.push('left', nextPush())
    const { ledger } = service.gateway.runtime
    await service.say('tencent-ams', { content: 'left', verdict: 'block' })
    // died after the recall was admitted, before it was noted
    await ledger.query("delete from verdict_effect where verdict_id in (select id from verdict where content = 'left')")
    await sweep()
    expect(await recallsOf('left')).toHaveLength(1)
    expect(await service.verdicts('content=left')).toMatchObject([{ state: 'recalled', messages: 2 }])
    // died before anything: as if message and verdict had missed each other
    await ledger.query(
      "insert into message (id, digest, contents, registered_by, owner) values ('missed', '', array['left'], 'key:x', 'key:x')",
    )
    await sweep()
    expect((await service.call('GET', '/v1/messages/missed')).body.recall).not.toBeNull()
  })

  it('leaves a recall of a person its way, and goes on after it', async () => {
    await service.push('busy', nextPush())
    const free = await service.push('busy', nextPush())
    const [pushId] = [(free.body.targets as { pushId: string }[])[0]?.pushId]
    Object.assign(service.sandbox.switches.tpns, { failure: 'http503' })
    const target = { app: 'news-android', pushId: String(Number(pushId) - 1) }
    const stopped = await service.call('POST', '/v1/stop', { target, reason: 'r' }, { headers: { prefer: 'wait=0' } })
    expect(stopped.body.state).toBe('running')
    expect((await service.say('tencent-ams', { content: 'busy', verdict: 'block' })).status).toBe(200)
    expect(await service.verdicts('content=busy')).toMatchObject([{ state: 'recalled', messages: 1 }])
    Object.assign(service.sandbox.switches.tpns, { failure: null })
    await service.gateway.runtime.ledger.query("update work set run_at = now(), give_up_at = now() + interval '1 hour'")
    await service.gateway.runtime.ledger.query("update bucket set held_until = '-infinity'")
    await vi.waitFor(async () => {
      await sweep()
      expect(await service.verdicts('content=busy')).toMatchObject([{ state: 'recalled', messages: 2, detail: null }])
    }, longest)
  })

  it('records that a person’s pass overturned a recall, and does not act again', async () => {
    await service.push('wrong', nextPush())
    await service.judge({ content: 'wrong', verdict: 'block' })
    const [{ id: recallId } = { id: '' }] = await recallsOf('wrong')
    await service.judge({ content: 'wrong', verdict: 'pass' })
    expect((await service.verdicts('content=wrong')).map(({ state }) => state)).toEqual(['recorded', 'recalled'])
    await service.judge({ content: 'wrong', verdict: 'pass', by: 'human' })
    const [pass, , block] = await service.verdicts('content=wrong')
    expect(pass).toMatchObject({ state: 'recorded', by: 'human', overturns: [recallId] })
    expect(block).toMatchObject({ state: 'overturned', recalls: [recallId] })
    expect(service.logged.filter(line => line.includes('recall overturned') && line.includes(recallId))).toHaveLength(1)
    expect((await service.push('wrong', nextPush())).body.recall).toBeNull()
  })

  it('raises no alarm at a pass that is not the last word', async () => {
    await service.push('confirmed', nextPush())
    await service.judge({ content: 'confirmed', verdict: 'block' })
    await service.judge({ content: 'confirmed', verdict: 'block', by: 'human', round: 2 })
    await service.judge({ content: 'confirmed', verdict: 'pass', by: 'human', round: 1 })
    const verdicts = await service.verdicts('content=confirmed')
    expect(verdicts.map(({ state }) => state)).toEqual(['recorded', 'recalled', 'recalled'])
    const [recallId = ''] = verdicts[1]?.recalls ?? []
    expect(service.logged.filter(line => line.includes('recall overturned') && line.includes(recallId))).toEqual([])
  })

  it('is not misled by passes that come late', async () => {
    const at = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()
    await service.judge({ content: 'late', verdict: 'block' }, at(60))
    await service.judge({ content: 'late', verdict: 'pass' }, at(120))
    expect((await service.push('late', nextPush())).body.recall).not.toBeNull()
    // one that says it comes from tomorrow is of now
    await service.judge({ content: 'ahead', verdict: 'pass' }, at(-86_400))
    await service.judge({ content: 'ahead', verdict: 'block' })
    expect((await service.push('ahead', nextPush())).body.recall).not.toBeNull()
    // who tells no time cannot be late
    await service.say('tencent-ams', { content: 'timeless', verdict: 'block' })
    await service.gateway.runtime.ledger.query(
      "update verdict set ordered_at = ordered_at - interval '1 minute' where content = 'timeless'",
    )
    await service.say('tencent-ams', { content: 'timeless', verdict: 'pass' })
    expect((await service.push('timeless', nextPush())).body.recall).not.toBeNull()
  })
}

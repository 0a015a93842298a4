/** A recalled message stays recalled: what is added to it at the very moment of its recall, or by a process that dies, is taken back too. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'

describeOnUrls('late targets', suite)

function suite(ledgerUrl: () => string): void {
  let service: Service
  beforeAll(async () => {
    service = await startService({ ledgerUrl: ledgerUrl() })
  })
  afterAll(() => service.closeWhole())
  // budgets are another test's
  beforeEach(() => service.gateway.runtime.ledger.query('delete from bucket'))

  let last = 9100
  const push = () => {
    const pushId = String(++last)
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
    return { app: 'news-android', pushId }
  }
  const register = async (id: string) => {
    const made = await service.call('POST', '/v1/messages', { id, targets: [push()] }, { role: 'sender' })
    expect(made.status).toBe(201)
  }
  const add = (id: string, target: object) =>
    service.call('PATCH', `/v1/messages/${id}`, { targets: [target] }, { role: 'sender' })
  const recall = (id: string) =>
    service.call('POST', '/v1/revoke', { message: id, reason: 'r' }, { headers: { prefer: 'wait=10' } })
  const read = async (id: string) => (await service.call('GET', `/v1/recalls/${id}`)).body
  const stateOf = async (id: string, { pushId }: { readonly pushId: string }) =>
    (await read(id)).targets.find((target: { pushId: string }) => target.pushId === pushId)?.state
  /** As if it had been added so long ago. */
  const age = (minutes: number) =>
    service.gateway.runtime.ledger.query(
      "update target set kept_since = kept_since - $1::text::int * interval '1 minute' where kept_since is not null",
      [minutes],
    )
  const grownBy = async (id: string) => {
    await service.gateway.runtime.sealer.now()
    const rows = await service.gateway.runtime.ledger.query<{ actor: string }>(
      "select actor from audit where object = $1::text and action = 'recall.grown'",
      [id],
    )
    return rows.map(({ actor }) => actor)
  }

  it('that are added between the look and the admission of their recall join it', async () => {
    await register('race')
    const late = push()
    const { ledger } = service.gateway.runtime
    const together = ledger.together.bind(ledger)
    const spy = vi.spyOn(ledger, 'together').mockImplementationOnce(async body => {
      // the recall has looked, and is not there yet
      expect((await add('race', late)).status).toBe(200)
      return together(body)
    })
    const { body } = await recall('race')
    spy.mockRestore()
    expect([body.state, await stateOf(body.id, late)]).toEqual(['done', undefined])
    await age(2)
    await service.gateway.fire('sweep')
    const after = await read(body.id)
    expect([after.state, await stateOf(body.id, late)]).toEqual(['done', 'done'])
    expect(after.causedBy).toMatchObject([{ actor: 'key:sender', by: 'target' }])
    await service.gateway.fire('sweep')
    expect(await grownBy(body.id)).toEqual(['timer:sweep'])
  })

  it('whose process died before it had them join are taken in, in the name of who registered the message', async () => {
    await register('died')
    const { body } = await recall('died')
    const late = push()
    const { ledger } = service.gateway.runtime
    await ledger.script('alter function lock_growing(text, bigint) rename to lock_nothing')
    const failed = await add('died', late)
    await ledger.script('alter function lock_nothing(text, bigint) rename to lock_growing')
    expect(failed.status).toBe(500)
    // whoever adds it is given the time to have it taken in
    await service.gateway.fire('sweep')
    expect(await stateOf(body.id, late)).toBeUndefined()
    await age(2)
    await service.gateway.fire('sweep')
    const after = await read(body.id)
    expect([after.state, await stateOf(body.id, late)]).toEqual(['done', 'done'])
    expect(after.causedBy).toMatchObject([{ actor: 'key:sender', by: 'target' }])
    expect(await grownBy(body.id)).toEqual(['key:sender', 'timer:sweep'])
  })

  it('are left alone where their recall was cancelled, or is of other apps, and where they are in another', async () => {
    await register('left')
    const { body } = await recall('left')
    const late = push()
    const { ledger } = service.gateway.runtime
    await ledger.query('delete from recall_message where recall_id = $1::text', [body.id])
    await add('left', late)
    const other = await service.call('POST', '/v1/stop', { target: late, reason: 'r' })
    await ledger.query("insert into recall_message (message_id, recall_id) values ('left', $1::text)", [body.id])
    await age(2)
    await service.gateway.fire('sweep')
    expect([other.status, await stateOf(body.id, late)]).toEqual([202, undefined])
  })
}

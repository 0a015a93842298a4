/**
 * A correction (contract §4.2): each target is revoked or overlaid, whichever clears the old text from more of the ways to its
 * phones; it is planned whole, agreed to whole, and one recall.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conforms, document } from '../dashboard/document.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: demo => ({
      ...demo,
      'unpush/policy': { ...(demo['unpush/policy'] as object), approvalAbove: { revoke: null, overlay: 5000 } },
    }),
  })
})
afterAll(() => service.closeWhole())

const wait = { headers: { prefer: 'wait=15' } }
const overlay = (title: string) => ({ title, body: '正文已更正', options: { huawei: { category: 'MARKETING' } } })
const correct = (body: object, options: Parameters<Service['call']>[3] = wait) =>
  service.call('POST', '/v1/corrections', body, options)

interface Snapshot {
  readonly tpns: { readonly tasks: readonly { title: string; status: string; pushId: string }[] }
}
const tasks = () => (service.sandbox.snapshot() as Snapshot).tpns.tasks
const sentWith = (title: string) => tasks().filter(task => task.title === title).length

let next = 81_000
/** A push of each vendor, with its message. */
async function registered({ audience = 'tag' as const, devices = 3, size = 300 } = {}) {
  const number = (next += 1)
  const pushId = String(number)
  const tokens = service.sandbox.harmonyTokens().slice(0, devices)
  service.sandbox.pushTpns({ app: 'news-android', title: `old ${number}`, content: 'b', audience, pushId })
  service.sandbox.pushHarmony({ notifyId: number, tokens, title: `old ${number}`, body: 'b' })
  const targets = [
    { app: 'news-android', pushId, audience, audienceSize: size },
    { app: 'news-harmony', notifyId: number, tokens },
  ]
  const id = `correct-${number}`
  expect((await service.call('POST', '/v1/messages', { id, targets })).status).toBe(201)
  return { id, pushId, tokens }
}

describe('a correction', () => {
  it('overlays what can only be replaced and revokes the rest, sends nothing twice, and says which for each channel', async () => {
    const { id, pushId } = await registered()
    const plan = await correct({ message: id, overlay: overlay('更正一'), dryRun: true })
    expect([plan.status, conforms(document.components.schemas['DryRun'] ?? {}, plan.body)]).toEqual([200, []])
    expect(plan.body.targets).toMatchObject([
      { app: 'news-android', requested: 'overlay', operation: 'overlay', ladder: ['overlay', 'revoke', 'stop'] },
      { app: 'news-harmony', requested: 'revoke', operation: 'revoke', ladder: ['revoke', 'overlay'] },
    ])
    const expected = { message: id, overlay: overlay('更正一'), reason: 'wrong date', expect: plan.body.digest }
    const { status, body } = await correct(expected)
    expect([status, conforms(document.components.schemas['Recall'] ?? {}, body)]).toEqual([202, []])
    expect(body).toMatchObject({
      operation: 'correct',
      state: 'done',
      targets: [
        { requested: 'overlay', operation: 'overlay', state: 'done', vendor: { status: 'PUSH_COLLAPSED' } },
        {
          requested: 'revoke',
          operation: 'revoke',
          state: 'done',
          effects: [{ channel: 'harmony', effect: 'removed' }],
        },
      ],
    })
    expect(body.targets[0].effects).toContainEqual({ channel: 'tpns', effect: 'replaced' })
    expect(body.targets[0].effects).toContainEqual({ channel: 'oppo', effect: 'none' })
    expect(sentWith('更正一')).toBe(1)
    expect(tasks().find(task => task.pushId === pushId)?.status).toBe('PUSH_COLLAPSED')
    // what was shown and what was done are the record's, too
    const listed = await service.call('GET', '/v1/recalls?operation=correct')
    expect(listed.body.items.map(({ id: of }: { id: string }) => of)).toContain(body.id)
    const events = await service.call('GET', `/v1/recalls/${body.id}/events`)
    expect(events.body.items[0]).toMatchObject({ kind: 'asked', operation: 'correct' })
    expect(conforms(document.components.schemas['RecallEvents'] ?? {}, events.body)).toEqual([])
  })

  it('revokes where overlaying cannot be done, and says why', async () => {
    const { id } = await registered()
    // a message that Push Kit sends only with a category is no hindrance: nothing is sent there
    const { options: _, ...plain } = overlay('更正二')
    const app = { ...plain, options: { huawei: {} } }
    const { body } = await correct({ message: id, overlay: app, reason: 'r' })
    expect(body.targets).toMatchObject([
      { requested: 'overlay', state: 'done' },
      { requested: 'revoke', state: 'done' },
    ])
    // to everybody and twice: the vendor would refuse the second
    const both = [await registered({ audience: 'all' as never }), await registered({ audience: 'all' as never })]
    const twice = { messages: both.map(one => one.id), overlay: overlay('更正三'), reason: 'r', fallback: false }
    const second = await correct(twice, { headers: { prefer: 'wait=15', 'idempotency-key': 'twice' } })
    const android = second.body.targets.filter(({ app: of }: { app: string }) => of === 'news-android')
    expect(android.map(({ requested }: { requested: string }) => requested)).toEqual(['overlay', 'revoke'])
    expect(android[1].warnings.join(' ')).toContain('Revoke is done instead of overlay.')
    expect(sentWith('更正三')).toBe(1)
    // the same again, by key and by subject
    const replayed = await correct(twice, { headers: { prefer: 'wait=15', 'idempotency-key': 'twice' } })
    expect([replayed.headers.get('idempotent-replayed'), replayed.body.id]).toEqual(['true', second.body.id])
    expect(sentWith('更正三')).toBe(1)
  })

  it('is agreed to as one: nothing begins before, all of it after', async () => {
    const { id } = await registered({ size: 4999 })
    const asked = { message: id, overlay: overlay('更正四'), reason: 'r' }
    const { status, body } = await correct(asked)
    expect([status, body.state, body.approval.above, body.approval.reach.devices]).toEqual([
      202,
      'pending_approval',
      5000,
      5002,
    ])
    expect(body.meanwhile).toEqual({ operation: 'stop', recall: null })
    expect([
      sentWith('更正四'),
      body.targets.every(({ state }: { state: string }) => state === 'pending_approval'),
    ]).toEqual([0, true])
    // whoever asks again gets it, and another operation has to wait
    expect((await correct(asked)).body.id).toBe(body.id)
    expect((await service.call('POST', '/v1/overlay', asked)).status).toBe(409)
    const approve = (digest: string) =>
      service.call('POST', `/v1/recalls/${body.id}/approve`, { digest }, { role: 'approver' })
    expect((await approve(body.approval.digest.replace(/^./, 'x'))).status).toBe(409)
    expect((await approve(body.approval.digest)).status).toBe(200)
    await expect
      .poll(async () => (await service.call('GET', `/v1/recalls/${body.id}`)).body.state, { timeout: 20_000 })
      .toBe('done')
    expect(sentWith('更正四')).toBe(1)
  })

  it('is refused where the text fits nobody, and takes what overlay takes', async () => {
    const { pushId } = await registered()
    const target = { app: 'news-android', pushId }
    const long = { title: 't', body: 'x'.repeat(9000) }
    const refused = await correct({ target, overlay: long, reason: 'r' })
    expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([400, '/overlay'])
    expect((await correct({ target, reason: 'r' })).status).toBe(400)
    expect((await correct({ target, overlay: overlay('t') })).status).toBe(400)
    expect((await correct({ target, overlay: overlay('t'), reason: 'r' }, { role: 'viewer' })).status).toBe(403)
  })
})

/**
 * A correction (contract §4.2): each target is revoked or overlaid, whichever clears the old text from more of the ways to its
 * phones; it is planned whole, agreed to whole, and one recall.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conforms, document } from '../dashboard/document.ts'
import { type Service, startService } from '../support/service.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const seed = Math.floor(Math.random() * 2 ** 31)

let service: Service
const start = () =>
  startService({
    secrets: demo => ({
      ...demo,
      'unpush/policy': { ...(demo['unpush/policy'] as object), approvalAbove: { revoke: null, overlay: 5000 } },
    }),
  })
beforeAll(async () => {
  service = await start()
})
afterAll(() => service.closeWhole())

const wait = { headers: { prefer: 'wait=15' } }
const overlay = (title: string) => ({ title, body: '正文已更正', options: { huawei: { category: 'MARKETING' } } })
const correct = (body: object, options: Parameters<Service['call']>[3] = wait) =>
  service.call('POST', '/v1/corrections', body, options)

interface Task {
  readonly title: string
  readonly status: string
  readonly pushId: string
  readonly overlays: { readonly pushId: string } | null
}
const tasks = () => (service.sandbox.snapshot() as { vendors: { tpns: { tasks: readonly Task[] } } }).vendors.tpns.tasks
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
    await expect.poll(async () => (await service.call('GET', `/v1/recalls/${body.id}`)).body.state).toBe('done')
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

describe('the same operation with another text', () => {
  const asked = fc.record({
    operation: fc.constantFrom('overlay', 'corrections'),
    first: fc.constantFrom('waits', 'runs', 'ended'),
    by: fc.constantFrom('message', 'content', 'target'),
    supersede: fc.boolean(),
  })
  it(`is told of while one is on its way, and is a recall of its own afterwards (seed ${seed})`, async () => {
    const tpns = service.sandbox.switches.tpns
    await fc.assert(
      fc.asyncProperty(asked, async ({ operation, first, by, supersede }) => {
        const pushId = String((next += 1))
        service.sandbox.pushTpns({ app: 'news-android', title: 'old', content: 'b', audience: 'tag', pushId })
        const target = { app: 'news-android', pushId }
        const stated = { ...target, audience: 'tag', audienceSize: first === 'waits' ? 6000 : 3 }
        const registered = { id: `text-${pushId}`, contents: [`c-${pushId}`], targets: [stated] }
        expect((await service.call('POST', '/v1/messages', registered)).status).toBe(201)
        const subject =
          by === 'target' ? { target: stated } : { [by]: by === 'message' ? registered.id : `c-${pushId}` }
        const send = (text: string, more: object = {}) =>
          service.call(
            'POST',
            `/v1/${operation}`,
            { ...subject, overlay: overlay(text), reason: 'r', ...more },
            { headers: { prefer: first === 'runs' ? 'wait=0' : 'wait=15' } },
          )
        const { ledger } = service.gateway.runtime
        await ledger.query('delete from hour_reach')
        await ledger.query(
          "update bucket set tat = '-infinity', hits = '{}', purposes = '{}', held_until = '-infinity'",
        )
        await ledger.query('delete from breaker')
        const [one, two] = [`one ${pushId}`, `two ${pushId}`]
        if (first === 'runs') Object.assign(tpns, { failure: 'http503', worksBeforeFailing: false })
        const before = await send(one)
        expect([before.status, before.body.state]).toEqual([
          202,
          { waits: 'pending_approval', runs: 'running', ended: 'done' }[first],
        ])
        const same = await send(one)
        expect([same.status, same.body.id, same.body.deduplicated]).toEqual([200, before.body.id, true])
        const other = await send(two, supersede ? { supersede } : {})
        if (first === 'ended') {
          expect([other.status, other.body.overlay.title, sentWith(two)]).toEqual([202, two, 1])
        } else if (supersede) {
          expect([other.status, other.body.overlay.title]).toEqual([202, two])
          const { state } = (await service.call('GET', `/v1/recalls/${before.body.id}`)).body
          expect(state).toBe('cancelled')
        } else {
          expect([other.status, other.body.recall]).toEqual([409, before.body.id])
          expect(other.body.detail).toContain('with another new text')
        }
        Object.assign(tpns, { failure: null, worksBeforeFailing: true })
        expect(sentWith(one)).toBe(first === 'ended' ? 1 : 0)
        const left = [before.body.id, other.body.id].filter(id => typeof id === 'string')
        for (const id of left) await service.call('POST', `/v1/recalls/${id}/cancel`, {})
      }),
      { numRuns: soak ? 100 : 6, seed },
    )
  })
})

/** Whatever state the pushes of a message are in, and however the vendors answer. */
const state = fc.constantFrom('sent', 'scheduled', 'stopped', 'revoked', 'overlaid', 'unknown')
const android = fc.record({
  app: fc.constantFrom('news-android', 'news-ios'),
  audience: fc.constantFrom('all', 'tag', 'package', 'account', 'token'),
  state,
})
const harmony = fc.record({ devices: fc.integer({ min: 0, max: 3 }), revoked: fc.boolean() })
const faults = fc.record({
  failure: fc.constantFrom(null, 'http503', 'reset', 'html', 'empty', 'truncated', 'unknownCode'),
  calls: fc.integer({ min: 1, max: 3 }),
  worksBeforeFailing: fc.boolean(),
  only: fc.constantFrom(null, '/v3/push', 'revoke', 'messages'),
})
const scenario = fc
  .record({
    androids: fc.array(android, { maxLength: 2 }),
    harmonies: fc.array(harmony, { maxLength: 2 }),
    fallback: fc.boolean(),
    revokeRetired: fc.boolean(),
    acceptedButNothing: fc.boolean(),
    tpns: faults,
    pushKit: faults,
  })
  // a message without a push waits for one
  .filter(({ androids, harmonies }) => androids.length + harmonies.length > 0)

/** The stand-in answers 200 queries an hour, as TPNS does; once they are used up nothing is proven before the next. */
const runsOfAWorld = 20

describe('a correction of a message', () => {
  it(`sends nothing twice, and says of each target what became of it (seed ${seed})`, async () => {
    const query = (text: string) => service.gateway.runtime.ledger.query(text)
    const sweep = () => fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })
    const quiet = {
      failure: null,
      calls: null,
      only: null,
      worksBeforeFailing: true,
      acceptedButNothing: false,
    } as const
    const control = (operation: string, target: object, text: object) =>
      service.call(
        'POST',
        `/v1/${operation}`,
        { target, reason: 'before', again: true, breakGlass: true, ticket: 'T', ...text },
        wait,
      )
    /** Budgets and breakers of what was before are no matter of this. */
    const refresh = async () => {
      await query("update bucket set tat = '-infinity', hits = '{}', purposes = '{}', held_until = '-infinity'")
      await query('delete from breaker')
      await query('delete from hour_reach')
    }
    const settle = async () => {
      for (let round = 0; round < 12; round++) {
        if ((await query('select from work where result is null limit 1')).length === 0) return
        await query('update work set run_at = now() where result is null and not held')
        await refresh()
        // the vendor takes one push a second
        if (round > 3) await new Promise(resolve => setTimeout(resolve, 300))
        await sweep()
      }
    }
    const property = fc.asyncProperty(scenario, async ({ androids, harmonies, fallback, tpns, pushKit, ...world }) => {
      const { sandbox } = service
      Object.assign(sandbox.switches.tpns, quiet, { revokeRetired: false })
      Object.assign(sandbox.switches.pushKit, quiet)
      const number = (next += 10)
      const id = `any-${number}`
      const title = `更正 ${number}`
      const targets: { [member: string]: unknown }[] = []
      for (const [nth, { app, audience, state: is }] of androids.entries()) {
        const pushId = String(number * 10 + nth)
        const target = { app, pushId }
        targets.push({ ...target, audience, audienceSize: 10 })
        if (is === 'unknown') continue
        const push = { app: app as 'news-android', title: `old ${pushId}`, content: 'b', audience, pushId }
        const names = audience === 'account' || audience === 'token' ? { names: ['nobody'] } : {}
        const sendAtMs = is === 'scheduled' ? { sendAtMs: Date.now() + 3_600_000 } : {}
        sandbox.pushTpns({ ...push, ...names, ...sendAtMs } as Parameters<typeof sandbox.pushTpns>[0])
        const before = { title: `before ${pushId}`, body: 'b' }
        if (is === 'stopped') await control('stop', target, {})
        if (is === 'revoked') await control('revoke', target, { fallback: false })
        if (is === 'overlaid') await control('overlay', target, { overlay: before, fallback: false })
      }
      const phones = new Map<number, readonly string[]>()
      for (const [nth, { devices, revoked }] of harmonies.entries()) {
        const notifyId = number * 10 + 5 + nth
        const tokens = sandbox.harmonyTokens('phone').slice(0, devices)
        if (devices > 0) sandbox.pushHarmony({ notifyId, tokens, title: `old ${notifyId}`, body: 'b' })
        phones.set(notifyId, tokens)
        targets.push({ app: 'news-harmony', notifyId, tokens })
        if (revoked && devices > 0) await control('revoke', { app: 'news-harmony', notifyId, tokens }, {})
      }
      expect((await service.call('POST', '/v1/messages', { id, targets })).status).toBe(201)
      await settle()
      await refresh()
      Object.assign(sandbox.switches.tpns, tpns, {
        revokeRetired: world.revokeRetired,
        acceptedButNothing: world.acceptedButNothing && tpns.failure === null,
      })
      Object.assign(sandbox.switches.pushKit, pushKit)
      const { options, ...text } = overlay(title)
      const asked = { message: id, overlay: { ...text, options }, fallback, reason: 'r' }
      const plan = await correct({ ...asked, dryRun: true })
      const begun = await correct(asked, { headers: { prefer: 'wait=1' } })
      // what can be done at all is told before, and the same after
      expect(plan.status === 200 ? 202 : plan.status, begun.text).toBe(begun.status)
      if (begun.status !== 202) {
        expect([422, 400]).toContain(begun.status)
        return
      }
      const current = async () => (await service.call('GET', `/v1/recalls/${begun.body.id}`)).body
      await settle()
      const recall = await current()
      expect(['done', 'partial', 'failed']).toContain(recall.state)
      const all = tasks()
      for (const target of recall.targets) {
        const { app, pushId, notifyId, requested, operation, state: ended, effects, warnings, devices } = target
        expect(['revoke', 'overlay']).toContain(requested)
        const planned = plan.body.targets.find(
          (one: typeof target) => one.app === app && one.pushId === pushId && one.notifyId === notifyId,
        )
        expect(planned.requested).toBe(requested)
        // removed, replaced, stopped or staying: on which channel, or why not
        if (ended === 'failed') expect(warnings.length + (target.vendor === null ? 0 : 1)).toBeGreaterThan(0)
        else expect(effects.length).toBeGreaterThan(0)
        if (ended === 'done') expect(operation).toBe(requested)
        if (pushId !== undefined) {
          // one that was overlaid before is overlaid through the push that did it
          const rootOf = (task: Task): string => {
            const before = all.find(one => one.pushId === task.overlays?.pushId)
            return before === undefined ? task.pushId : rootOf(before)
          }
          const sent = all.filter(task => task.title === title && rootOf(task) === pushId)
          expect(sent.length).toBeLessThanOrEqual(1)
          // what is revoked is not sent
          if (ended === 'done' && requested === 'revoke') expect(sent).toEqual([])
          const struck = tpns.failure !== null || world.acceptedButNothing
          if (ended === 'done' && requested === 'overlay' && !struck) expect(sent.length).toBe(1)
        } else {
          const named = phones.get(notifyId) ?? []
          const showing = (name: string) =>
            sandbox.phones.filter(
              ({ token, notices }) =>
                named.includes(token ?? '') &&
                notices.some(({ key, title: shown }) => key === String(notifyId) && shown === name),
            ).length
          expect(showing(title)).toBe(0)
          if (ended === 'done') expect([showing(`old ${notifyId}`), devices.accepted]).toEqual([0, named.length])
        }
      }
      expect(all.filter(task => task.title === title).length).toBeLessThanOrEqual(androids.length)
    })
    const runs = soak ? 150 : 12
    for (let done = 0; done < runs; done += runsOfAWorld) {
      if (done > 0) {
        await service.closeWhole()
        service = await start()
      }
      const numRuns = Math.min(runsOfAWorld, runs - done)
      await fc.assert(property, { numRuns, seed: seed + done, endOnFailure: !soak })
    }
  })
})

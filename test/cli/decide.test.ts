/** What the second person sees and decides, and what a script hears of it. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { type Service, startService } from '../support/service.ts'
import { commandLine, type Typing } from '../support/command-line.ts'

type Who = 'li' | 'wang' | 'chen' | 'one' | 'two' | 'three'
const people: { readonly [W in Who]: { readonly person: string; readonly role: string } } = {
  li: { person: 'li.wei', role: 'operator' },
  wang: { person: 'wang.fang', role: 'approver' },
  chen: { person: 'chen.jie', role: 'approver' },
  // an hour of each of these stays under the line
  one: { person: 'he.gang', role: 'operator' },
  two: { person: 'sun.li', role: 'operator' },
  three: { person: 'wu.di', role: 'operator' },
}
const keys = Object.fromEntries(Object.keys(people).map(name => [name, createApiKey().key])) as { [W in Who]: string }
const digestOf = (key: string) => createHash('sha256').update(key).digest('hex')

let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: {
      'unpush/access': {
        keys: Object.entries(people).map(([id, who]) => ({
          id,
          sha256: digestOf(keys[id as Who]),
          apps: ['*'],
          ...who,
        })),
      },
      'unpush/policy': {
        approvalAbove: { stop: null, revoke: 2, overlay: 2 },
        confirmAbove: 4,
        limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null },
      },
    },
  })
})
afterAll(() => service.closeWhole())

const as = (who: Who, argv: readonly string[], typing: Typing = {}) =>
  commandLine(argv, { ...typing, variables: { UNPUSH_URL: service.url, UNPUSH_KEY: keys[who] } })
const call = (who: Who, method: string, path: string, body?: unknown) =>
  service.call(method, path, body, { role: null, headers: { authorization: `Bearer ${keys[who]}` } })

let next = 9000
async function message(devices: number): Promise<string> {
  const notifyId = next++
  const tokens = service.sandbox.harmonyTokens().slice(0, devices)
  service.sandbox.pushHarmony({ notifyId, tokens, title: '限时优惠', body: 'x' })
  const id = `promo-${notifyId}`
  const targets = [{ app: 'news-harmony', notifyId, tokens }]
  expect((await call('li', 'POST', '/v1/messages', { id, title: '限时优惠', targets })).status).toBe(201)
  return id
}
const start = async (devices: number, who: Who = 'li', ...flags: readonly string[]) => {
  const argv = ['revoke', '--message', await message(devices), '--reason', 'wrong link', '--ticket', 'INC-7', '--yes']
  return as(who, [...argv, ...flags])
}
const idIn = ({ out }: { out: string }) => /rcl_\w+/.exec(out)?.[0] ?? ''

describe('a recall over the line', () => {
  it('ends with 6 and says who is waited for', async () => {
    const ended = await start(3)
    expect(ended.exit, ended.err).toBe(6)
    expect(ended.err).toContain('Needs approval by 1 other person(s): over 2.')
    expect(ended.out).toMatch(/Waiting for approval\n[^]*unpush approve rcl_/)
    expect(ended.out).not.toContain('Blocked since')
  })

  it('is followed until somebody has decided', async () => {
    const argv = ['revoke', '--message', await message(3), '--reason', 'r', '--yes', '--wait']
    const late = await as('li', [...argv, '--timeout', '20s'])
    expect(late.exit).toBe(6)
    const approve = async () => void (await call('wang', 'POST', `/v1/recalls/${idIn(late)}/approve`, {}))
    const ended = await as('li', [...argv, '--json'], { onWait: approve })
    expect([ended.exit, ended.json.state, ended.json.id]).toEqual([0, 'done', idIn(late)])
    expect(ended.waits[0]).toBe(5000)
  })

  it('runs at once with --break-glass and a ticket, and waits for its review', async () => {
    const argv = ['revoke', '--message', await message(3), '--reason', 'r', '--yes', '--break-glass']
    expect((await as('li', argv)).exit).toBe(2)
    const ended = await as('li', [...argv, '--ticket', 'INC-9', '--wait'])
    expect([ended.exit, ended.out]).toEqual([0, expect.stringContaining('another person must review')])
    const id = idIn(ended)
    expect((await as('wang', ['review'])).out).toContain(id)
    const reviewed = await as('wang', ['review', id, '--yes', '--reason', 'was right'])
    expect([reviewed.exit, reviewed.out]).toEqual([0, expect.stringContaining('reviewed by wang.fang')])
    expect((await as('wang', ['review'])).out).toBe('Nothing waits.\n')
    expect((await as('chen', ['review', id, '--yes'])).exit).toBe(5)
  })
})

describe('stop meanwhile', () => {
  it('is offered with the plan, and begins at once where it is asked for', async () => {
    const { pushId } = service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all' })
    const targets = [{ app: 'news-android', pushId, audience: 'all', audienceSize: 300 }]
    await call('li', 'POST', '/v1/messages', { id: 'promo-android', title: 't', targets })
    const argv = ['revoke', '--message', 'promo-android', '--reason', 'r']
    expect((await as('li', [...argv, '--dry-run'])).out).toContain('--meanwhile stop begins a stop at once')
    const ended = await as('li', [...argv, '--yes', '--meanwhile', 'stop'])
    expect([ended.exit, ended.out]).toEqual([6, expect.stringMatching(/Stop meanwhile: rcl_/)])
    const [, stop = ''] = /Stop meanwhile: (rcl_\w+)/.exec(ended.out) ?? []
    expect((await as('li', ['recalls', stop])).out).toContain(`Goes ahead of ${idIn(ended)}`)
    expect((await as('li', [...argv, '--yes', '--meanwhile', 'revoke'])).exit).toBe(2)
  })
})

describe('approve', () => {
  it('lists what waits for who asks, shows what was asked, and takes y for a small reach', async () => {
    const id = idIn(await start(3))
    const list = await as('wang', ['approve'])
    expect([list.exit, list.out]).toEqual([0, expect.stringMatching(new RegExp(`${id}.*限时优惠.*li\\.wei`))])
    expect((await as('li', ['approve'])).out).toBe('Nothing waits.\n')
    const own = await as('li', ['approve', id, '--yes'])
    expect([own.exit, own.err]).toEqual([4, expect.stringContaining('Another person must decide')])
    const no = await as('wang', ['approve', id], { answers: ['n'] })
    expect([no.exit, no.err]).toEqual([9, expect.stringMatching(/wrong link[^]*INC-7[^]*check number {2}\d{4}/)])
    const yes = await as('wang', ['approve', id, '--reason', 'checked'], { answers: ['y'] })
    expect([yes.exit, yes.out]).toEqual([0, expect.stringContaining('Accepted')])
    const timeline = await as('wang', ['recalls', id])
    expect(timeline.out).toMatch(/approved · wang\.fang · “checked”/)
  })

  it('takes the check number of what was shown for a large one', async () => {
    const id = idIn(await start(5))
    const { check } = (await call('wang', 'GET', `/v1/recalls/${id}`)).body.approval
    const wrong = await as('wang', ['approve', id], { answers: ['y', '', ''] })
    expect([wrong.exit, wrong.questions[0]]).toEqual([9, expect.stringContaining(`Type ${check} to`)])
    const right = await as('wang', ['approve', id], { answers: [check] })
    expect(right.exit).toBe(0)
  })

  it('decides on what was shown, not on what came since', async () => {
    const started = await start(5)
    const id = idIn(started)
    const { subject } = (await call('wang', 'GET', `/v1/recalls/${id}`)).body
    const ended = await as('wang', ['approve', id, '--json'], {
      answers: [question => /\d{4}/.exec(question)?.[0] ?? ''],
      onAsk: async () => {
        const tokens = service.sandbox.harmonyTokens().slice(5, 30)
        await call('li', 'POST', `/v1/messages/${subject.message}/tokens`, { app: 'news-harmony', tokens })
        await service.call('POST', '/_local/timers/sweep', undefined, { role: null })
      },
    })
    expect([ended.exit, ended.json.status]).toEqual([5, 409])
  })

  it('says where there is nothing to decide', async () => {
    const done = await start(1, 'one', '--wait')
    const ended = await as('wang', ['approve', idIn(done), '--yes'])
    expect([ended.exit, ended.err]).toEqual([5, expect.stringContaining('Nothing of this recall waits')])
    expect((await as('wang', ['approve', 'promo-1', '--yes'])).exit).toBe(2)
  })
})

describe('decline', () => {
  it('ends the recall, which then is declined for whoever follows it', async () => {
    const id = idIn(await start(3))
    const ended = await as('chen', ['decline', id, '--reason', 'the link is right'], { answers: ['y'] })
    expect([ended.exit, ended.out]).toEqual([0, expect.stringContaining('Declined')])
    expect((await as('li', ['watch', id])).exit).toBe(9)
  })
})

describe('cancel and retry', () => {
  it('end and try again, after a yes', async () => {
    const id = idIn(await start(3))
    expect((await as('li', ['cancel', id], { answers: ['n'] })).exit).toBe(9)
    const ended = await as('li', ['cancel', id, '--reason', 'wrong message'], { answers: ['y'] })
    expect([ended.exit, ended.out]).toEqual([0, expect.stringContaining('What a vendor has accepted stays as it is.')])
    const done = idIn(await start(1, 'two', '--wait'))
    const nothing = await as('two', ['retry', done, '--yes'])
    expect([nothing.exit, nothing.err]).toEqual([5, expect.stringContaining('the vendor took all of it')])
  })
})

describe('what never began', () => {
  it('is told of as that, whatever kept it, and whether or not its vendor counts devices', async () => {
    const { pushId } = service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all' })
    const task = { app: 'news-android', pushId, audience: 'all', audienceSize: 300 }
    await call('li', 'POST', '/v1/messages', { id: 'never', title: 't', targets: [task] })
    const ends = {
      waits: async () => {},
      declined: (id: string) => as('chen', ['decline', id, '--yes']),
      cancelled: (id: string) => as('li', ['cancel', id, '--yes']),
      expired: async (id: string) => {
        const late = "update approval set expires_at = now() - interval '1 second' where recall_id = $1::text"
        await service.gateway.runtime.ledger.query(late, [id])
        await service.call('POST', '/_local/timers/sweep')
      },
    }
    for (const [nth, [how, end]] of Object.entries(ends).entries()) {
      const promo = nth % 2 === 0 ? 'never' : await message(3)
      const id = idIn(await as('li', ['revoke', '--message', promo, '--reason', 'r', '--yes']))
      await end(id)
      const recall = (await call('li', 'GET', `/v1/recalls/${id}`)).body
      expect([recall.state, recall.devices], how).toEqual([how === 'waits' ? 'pending_approval' : how, null])
      const { out } = await as('li', ['recalls', id])
      expect(out, how).toContain('nothing of it has begun')
      // its tokens have come, and none that comes later is taken back
      expect(out, how).not.toMatch(/counts tasks|No push token has come/)
      const retried = await as('li', ['retry', id, '--yes'])
      expect([retried.exit, retried.err], how).toEqual([5, expect.not.stringContaining('took all of it')])
      if (how === 'waits') await as('li', ['cancel', id, '--yes'])
    }
  })
})

describe('several messages', () => {
  it('are one recall, and one question', async () => {
    const ids = [await message(1), await message(1)]
    const ended = await as('three', ['revoke', '--messages', '-', '--reason', 'r', '--yes', '--wait', '--json'], {
      input: ids.join('\n'),
    })
    expect([ended.exit, ended.json.subject, ended.json.devices.total]).toEqual([
      0,
      expect.objectContaining({ messages: ids }),
      2,
    ])
    expect((await as('li', ['recalls', ended.json.id])).out).toContain(ids[0])
  })
})

/** Taking back, watching and looking, against the whole service: what is printed, what is asked, what a script gets. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'
import { commandLine, type Ended, type Typing } from '../support/command-line.ts'

let service: Service
let folder = ''
beforeAll(async () => {
  service = await startService()
  folder = await mkdtemp(join(tmpdir(), 'unpush-cli-'))
})
afterAll(() => Promise.all([service.closeWhole(), rm(folder, { recursive: true, force: true })]))

type Role = 'operator' | 'viewer' | 'sender' | 'approver' | 'admin'
const as = (role: Role, argv: readonly string[], typing: Typing = {}): Promise<Ended> =>
  commandLine(argv, {
    ...typing,
    variables: { UNPUSH_URL: service.url, UNPUSH_KEY: service.keys[role], ...typing.variables },
  })
const operator = (argv: readonly string[], typing?: Typing) => as('operator', argv, typing)

let notifyIds = 5000
/** A push of three devices that nobody registered. */
function harmony(): { readonly flags: string[]; readonly tokens: readonly string[]; readonly notifyId: number } {
  const notifyId = ++notifyIds
  const tokens = service.sandbox.harmonyTokens().slice(0, 3)
  service.sandbox.pushHarmony({ notifyId, tokens, title: '限时优惠', body: 'x' })
  return { flags: ['--app', 'news-harmony', '--notify-id', String(notifyId), '--tokens', '-'], tokens, notifyId }
}
function task(): string[] {
  const { pushId } = service.sandbox.pushTpns({ app: 'news-android', title: '限时优惠', content: 'x', audience: 'all' })
  return ['--app', 'news-android', '--push-id', pushId]
}

describe('revoke', () => {
  it('shows the plan, starts, and follows to the end; the state decides', async () => {
    const { flags, tokens } = harmony()
    const ended = await operator(['revoke', ...flags, '--reason', 'wrong link', '--yes', '--wait'], {
      input: `${tokens.map((token, index) => (index === 1 ? JSON.stringify(token) : token)).join('\n')}\n\n`,
    })
    expect(ended.exit, ended.err).toBe(0)
    expect(ended.err).toContain('sandbox 127.0.0.1')
    expect(ended.err).toContain('disappears: HarmonyOS, Push Kit')
    expect(ended.out).toMatch(/rcl_\w+ {2}revoke {2}Accepted\n/)
    expect(ended.out).toContain('3 of 3 accepted by the vendor · 0 rejected')
    expect(ended.out).toContain('Accepted is not gone from the screen')
  })

  it('prints the API’s own object and nothing else under --json', async () => {
    const { flags, tokens } = harmony()
    const input = tokens.join('\n')
    const plan = await operator(['revoke', ...flags, '--dry-run', '--json'], { input })
    expect([plan.exit, plan.json.dryRun, plan.json.devices]).toEqual([0, true, 3])
    const ended = await operator(['revoke', ...flags, '--reason', 'r', '--yes', '--wait', '--json'], { input })
    expect(ended.exit).toBe(0)
    const kept = await service.call('GET', `/v1/recalls/${ended.json.id}`)
    expect(ended.json).toEqual(kept.body)
  })

  it('asks y/N, and takes anything but a yes for a no', async () => {
    const flags = task()
    for (const answer of ['', 'n', 'nope', null] as const) {
      const ended = await operator(['revoke', ...flags, '--reason', 'r', '--no-fallback'], {
        answers: [answer, answer, answer],
      })
      expect([ended.exit, ended.out], String(answer)).toEqual([9, ''])
    }
    expect((await service.call('GET', '/v1/recalls?app=news-android')).body.items).toEqual([])
  })

  it('never asks where nobody is, and names the flag', async () => {
    const flags = task()
    for (const [argv, flag] of [
      [['revoke', ...flags], '--reason'],
      [['revoke', ...flags, '--reason', 'r'], '--yes'],
      [['overlay', ...flags, '--reason', 'r', '--yes', '--body', 'b'], '--title'],
    ] as const)
      for (const typing of [{}, { answers: ['y', 'y', 'y'] }]) {
        const ended = await operator([...argv, '--no-input'], typing)
        expect([ended.exit, ended.out, ended.questions]).toEqual([2, '', []])
        expect(ended.err).toContain(flag)
      }
  })

  it('starts nothing where more devices are reached than was said', async () => {
    const flags = task()
    const ended = await operator(['revoke', ...flags, '--reason', 'r', '--yes', '--max-devices', '2', '--json'])
    expect([ended.exit, ended.json.plan.dryRun]).toEqual([9, true])
    expect((await service.call('GET', '/v1/recalls?app=news-android')).body.items).toEqual([])
  })

  it('is one recall for one key, and says the line that repeats it', async () => {
    const { flags, tokens } = harmony()
    const input = tokens.join('\n')
    const argv = ['revoke', ...flags, '--reason', 'it’s wrong', '--yes', '--wait', '--json', '--idempotency-key', 'k-1']
    const [first, second] = [await operator(argv, { input }), await operator(argv, { input })]
    expect(second.json.id).toBe(first.json.id)
  })

  it('says what can be done nowhere, and what is not here', async () => {
    const nothing = await operator(['revoke', '--message', 'none', '--reason', 'r', '--yes', '--json'])
    expect([nothing.exit, nothing.json.status]).toEqual([8, 404])
    expect(nothing.err).toMatch(/Not here, or not yours.*\n[^]*request req_/)
    const { flags, tokens } = harmony()
    const unsupported = await operator(['stop', ...flags, '--reason', 'r', '--yes', '--json'], {
      input: tokens.join('\n'),
    })
    expect([unsupported.exit, unsupported.json.status]).toEqual([8, 422])
    const viewer = await as('viewer', ['revoke', ...task(), '--reason', 'r', '--yes'])
    expect([viewer.exit, viewer.out]).toEqual([4, ''])
  })

  it('ends as partial where a weaker operation was done', async () => {
    const ended = await operator(['revoke', ...task(), '--reason', 'r', '--yes', '--wait'])
    expect([ended.exit, ended.err]).toEqual([expect.any(Number), expect.anything()])
    const { body } = await service.call('GET', '/v1/recalls?app=news-android')
    const [recall] = body.items
    expect(ended.exit).toBe({ done: 0, partial: 3, failed: 5 }[recall.state as 'done'])
  })
})

describe('in Chinese', () => {
  it('holds no English sentence, not of the service either', async () => {
    const variables = { LANG: 'zh_CN.UTF-8' }
    const { flags, tokens } = harmony()
    const input = tokens.join('\n')
    const ends = [
      await operator(['revoke', ...task(), '--dry-run'], { variables }),
      await operator(['revoke', ...flags, '--reason', '链接有误', '--yes', '--wait'], { variables, input }),
      await operator(['stop', ...flags, '--reason', '链接有误', '--yes'], { variables, input }),
      await operator(['capabilities', '--app', 'news-harmony'], { variables }),
      await as('viewer', ['doctor'], { variables }),
    ]
    // four words of Latin letters in a row are a sentence; names of things are shorter
    for (const { out, err } of ends) expect(`${out}${err}`).not.toMatch(/(?<![\w-])[a-z]+(?: [a-z]+){3,}/i)
  })
})

describe('overlay', () => {
  it('asks for what is missing, and for the check number where it may go to everybody', async () => {
    const { pushId } = service.sandbox.pushTpns({ app: 'news-ios', title: 't', content: 'c', audience: 'all' })
    const target = { app: 'news-ios', pushId, audience: 'all', audienceSize: 480 }
    await service.call('POST', '/v1/messages', { id: 'promo-ios', title: 't', targets: [target] })
    const ended = await operator(['overlay', '--message', 'promo-ios', '--wait'], {
      answers: ['更正', '今天天气不错哦', 'wrong text', '12', question => /\d[\d,]*/.exec(question)?.[0] ?? ''],
    })
    expect(ended.questions.slice(0, 3)).toEqual(['New title: ', 'New text: ', 'Reason: '])
    expect(ended.questions[3]).toMatch(/^Type \d+ to overlay on ≈?[\d,]+ devices: $/)
    expect(ended.err).toContain('That is another number.')
    expect(ended.exit, ended.err).toBeLessThan(6)
    expect(ended.out).toMatch(/rcl_\w+ {2}overlay/)
  })
})

describe('lists', () => {
  it('find a message by part of its title, and by what they are told', async () => {
    await service.call('POST', '/v1/messages', { id: 'promo-1', contents: ['article:42'], title: '限时优惠：全场一元' })
    const found = await as('viewer', ['messages', '全场', '--since', '2h'], { columns: 40 })
    expect(found.exit).toBe(0)
    expect(found.out).toContain('promo-1')
    const none = await as('viewer', ['messages', 'nothing like it'])
    expect([none.exit, none.out]).toEqual([0, 'No messages.\n'])
    const json = await as('viewer', ['messages', '--limit', '1', '--json'])
    expect(json.json).toEqual((await service.call('GET', '/v1/messages?limit=1')).body)
    for (const wrong of [
      ['--since', 'yesterday'],
      ['--limit', '0'],
      ['--limit', '201'],
    ])
      expect((await as('viewer', ['messages', ...wrong])).exit, wrong.join(' ')).toBe(2)
  })

  it('show recalls, and one in full with its timeline', async () => {
    const list = await as('viewer', ['recalls', '--state', 'done'])
    expect(list.out).toMatch(/rcl_\w+ +Accepted +revoke/)
    const [id = ''] = /rcl_\w+/.exec(list.out) ?? []
    const one = await as('viewer', ['recalls', id])
    expect(one.out).toMatch(/Timeline\n.*asked for.*li\.wei/)
    const json = await as('viewer', ['recalls', id, '--json'])
    expect(json.json).toEqual((await service.call('GET', `/v1/recalls/${id}`)).body)
    expect((await as('viewer', ['recalls', id], { variables: { LANG: 'zh_CN.UTF-8' } })).out).toContain('厂商已受理')
  })
})

describe('watch', () => {
  it('follows to the end, one object a line under --json, and leaves the recall running when interrupted', async () => {
    Object.assign(service.sandbox.switches.pushKit, { failure: 'http503' })
    const { flags, tokens } = harmony()
    const started = await operator(['revoke', ...flags, '--reason', 'r', '--yes', '--json'], {
      input: tokens.join('\n'),
    })
    const id: string = started.json.id
    expect([started.exit, started.json.state]).toEqual([0, 'running'])
    const left = await operator(['watch', id], { onWait: (_ms, interrupt) => interrupt() })
    expect([left.exit, left.err]).toEqual([130, expect.stringContaining(`unpush watch ${id}`)])
    const late = await operator(['watch', id, '--timeout', '3s', '--json'])
    expect(late.exit).toBe(7)
    Object.assign(service.sandbox.switches.pushKit, { failure: null })
    const { ledger } = service.gateway.runtime
    // its next try may be due after many of these waits, which take no time
    const tryNow = async () => {
      await ledger.query(
        "with free as (update bucket set held_until = '-infinity') update work set run_at = now() where result is null",
      )
      await service.gateway.fire('sweep')
    }
    const ended = await operator(['watch', id, '--json'], { onWait: tryNow })
    const lines = ended.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect([ended.exit, lines.at(-1).state]).toEqual([0, 'done'])
    for (const line of lines) expect(line.id).toBe(id)
  })
})

describe('vendor and files', () => {
  it('ask the vendor, and list what can be taken back', async () => {
    const status = await as('viewer', ['status', ...task()])
    expect([status.exit, status.out]).toEqual([0, expect.stringContaining('PUSH_')])
    const all = await as('viewer', ['capabilities'], { columns: 60 })
    expect([all.exit, all.out]).toEqual([0, expect.stringContaining('news-harmony')])
    expect((await as('viewer', ['capabilities', '--app', 'none'])).exit).toBe(8)
  })

  it('refuse a file that is no list of tokens, without printing it', async () => {
    const file = join(folder, 'tokens.txt')
    await writeFile(file, 'token-1\n"half\n')
    const flags = ['--app', 'news-harmony', '--notify-id', '1', '--tokens', file]
    const ended = await operator(['revoke', ...flags, '--reason', 'r', '--yes'])
    expect([ended.exit, ended.err]).toEqual([2, expect.stringContaining('Line 2')])
    expect(ended.err).not.toContain('half')
    expect((await operator(['revoke', ...flags.slice(0, -1), join(folder, 'none'), '--dry-run'])).exit).toBe(2)
  })
})

/** A message of three phones and a TPNS push. */
async function message(): Promise<{ readonly id: string; readonly tokens: readonly string[] }> {
  const { tokens, notifyId } = harmony()
  const [, , , pushId] = task()
  const targets = [
    { app: 'news-harmony', notifyId, tokens },
    { app: 'news-android', pushId },
  ]
  const id = `cli-${notifyId}`
  expect((await service.call('POST', '/v1/messages', { id, targets })).status).toBe(201)
  return { id, tokens }
}

describe('correct', () => {
  it('says for each push whether it is revoked or overlaid, and does that', async () => {
    const { id } = await message()
    const text = ['--title', '更正', '--body', `本次活动改期 ${id}`]
    const ended = await operator(['correct', '--message', id, ...text, '--reason', 'wrong date', '--wait'], {
      answers: [question => /\d{4}/.exec(question)?.[0] ?? ''],
    })
    expect(ended.exit, ended.err).toBe(0)
    expect(ended.questions[0]).toMatch(/to correct on/)
    expect(ended.err).toMatch(/news-harmony .* revoke .*disappears/)
    expect(ended.err).toMatch(/news-android .* overlay [^]*is replaced/)
    expect(ended.out).toMatch(/rcl_\w+ {2}correct {2}Accepted\n/)
    const without = await operator(['correct', '--message', id, '--reason', 'r', '--yes', '--no-input'])
    expect([without.exit, without.err]).toEqual([2, expect.stringContaining('--title')])
  })
})

describe('--except-tokens', () => {
  it('leaves those alone, and says so to who asks and who decides', async () => {
    const { id, tokens } = await message()
    const flags = ['--message', id, '--reason', 'r', '--yes']
    const ended = await operator(['revoke', ...flags, '--except-tokens', '-', '--wait', '--json'], {
      input: `\n${tokens[0]}\n${JSON.stringify(tokens[0])}\n`,
    })
    expect(ended.json).toMatchObject({ subject: { exceptTokens: 1 }, devices: { total: 2 } })
    const shown = await operator(['recalls', ended.json.id])
    expect(shown.out).toContain('Left alone: 1 push tokens')
    // of a list of tokens, and from where another list comes
    for (const wrong of [
      ['--app', 'news-harmony', '--notify-id', '1', '--tokens', join(folder, 't'), '--except-tokens', '-'],
      ['--messages', '-', '--except-tokens', '-'],
    ])
      expect((await operator(['revoke', ...wrong, '--reason', 'r', '--yes'], { input: 't' })).exit).toBe(2)
  })
})

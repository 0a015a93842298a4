/** What a page does while time goes by: how often it asks, what it says to who hears it, and which numbers it shows. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashedMembers, noHash } from '../../dashboard/console/chain.ts'
import { hashRecord } from '../../shared/audit/chain.ts'
import type { AuditRecord } from '../../shared/ledger/audit.ts'
import { figure, soak } from '../support/figures.ts'
import { type ConsoleRun, type Edit, type Opened, startConsole } from './browser.ts'

interface Devices {
  readonly total: number
  readonly accepted: number
  readonly rejected: number
  readonly unknown: number
  readonly pending: number
}

describe('the console in time (Chromium)', () => {
  let run: ConsoleRun
  let id = ''
  beforeAll(async () => {
    run = await startConsole()
    const { service } = run
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all', pushId: '9' })
    const targets = [{ app: 'news-android', pushId: '9', audience: 'all', audienceSize: 300 }]
    await service.call('POST', '/v1/messages', { id: 'm9', title: 'Flash sale', targets })
    const { body } = await service.call(
      'POST',
      '/v1/stop',
      { message: 'm9', reason: 'r' },
      { headers: { prefer: 'wait=5' } },
    )
    id = body.id
  })
  afterAll(() => run.close())

  /** The recall as it would be with these members. */
  const as =
    (members: object | ((path: string) => object)): Edit =>
    (path, body) => {
      const edited = typeof members === 'function' ? members(path) : members
      return { body: path === `/v1/recalls/${id}` ? { ...(body as object), ...edited } : body }
    }

  it('shows the numbers of the API, each by itself: what is not known stays a dash, and the parts are the whole', async () => {
    const at = await run.open()
    await at.signIn('viewer')
    const part = fc.nat({ max: 3_000_000 })
    const devices = fc.option(
      fc
        .record({ accepted: part, rejected: part, unknown: part, pending: part })
        .map(parts => ({ ...parts, total: Object.values(parts).reduce((a, b) => a + b) }) satisfies Devices),
      { freq: 6 },
    )
    const states = fc.constantFrom('running', 'done', 'partial', 'failed')
    await fc.assert(
      fc.asyncProperty(devices, states, async (counts, state) => {
        at.answer(as({ state, devices: counts, blocked: null, etaSeconds: null }))
        await at.show('#/none')
        await at.show(`#/recalls/${id}`)
        const shown = await at.page.locator('.figures dd').allTextContents()
        if (counts === null) {
          expect(shown).toEqual([])
          expect(await at.page.textContent('.progress-card')).toContain('the vendor counts tasks, not devices')
          return
        }
        const { total, accepted, rejected, unknown, pending } = counts
        const numbers = shown.map(text => Number(text.replaceAll(',', '')))
        expect(numbers).toEqual([accepted, rejected, unknown, pending])
        expect(await at.page.textContent('.progress-card .of b')).toBe(`of ${total.toLocaleString('en-US')} devices`)
        expect(numbers.reduce((a, b) => a + b)).toBe(total)
        const bar = at.page.locator('[role=progressbar]')
        expect(await bar.getAttribute('aria-valuenow')).toBe(String(accepted + rejected + unknown))
        expect(await bar.getAttribute('aria-valuetext')).not.toBe('')
      }),
      { numRuns: soak ? 200 : 8 },
    )
    await at.close()
  })

  /** A page whose clock stands unless it is told to go on, on the recall, and every moment at which it asked for that. */
  const watching = async (edit: Edit, hash = `#/recalls/${id}`) => {
    const at = await run.open()
    const asked: number[] = []
    let now = 0
    await at.page.clock.install()
    await at.signIn('viewer')
    await at.quiet()
    await at.page.clock.pauseAt((await at.page.evaluate<number>('Date.now()')) + 60_000)
    at.answer((path, body) => {
      if (hash.endsWith(id) ? path === `/v1/recalls/${id}` : path.startsWith('/v1/recalls?')) asked.push(now)
      return edit(path, body)
    })
    await at.show(hash)
    const answered = async () => {
      while ((await at.page.evaluate<number>('unpushAsking()')) > 0) await at.page.waitForTimeout(1)
    }
    await answered()
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        now++
        await at.page.clock.runFor(1000)
        // what it asked for in this second comes in this second, however long that takes here
        await answered()
      }
    }
    return { at, asked, pass }
  }
  const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0))
  const seconds = soak ? 600 : 75

  it('asks for a running recall often at first, then less, and sixty times a minute at most', async () => {
    const { at, asked, pass } = await watching(as({ state: 'running', blocked: null }))
    await pass(seconds)
    const planned = 10 + 25 + Math.max(0, seconds - 60) / 5
    expect(asked.length).toBeLessThanOrEqual(planned + 3)
    // it does ask
    expect(asked.length).toBeGreaterThan(planned / 2)
    await at.close()
  })

  it('waits for the next try of what is blocked, and longer than Retry-After says', async () => {
    const blocked = { by: 'rate', since: new Date().toISOString(), nextAttemptAt: '2099-01-01T00:00:00Z' }
    const held = await watching(as({ state: 'running', blocked: { ...blocked, code: 'x', params: {}, detail: 'x' } }))
    await held.pass(seconds)
    expect(held.asked.length).toBeLessThanOrEqual(seconds / 15 + 2)
    await held.at.close()
    let told = 0
    const late = await watching((path, body) =>
      path === `/v1/recalls/${id}` && told++ > 0
        ? {
            status: 429,
            headers: { 'retry-after': '20' },
            body: { type: 'https://unpush.dev/problems/too-many-requests' },
          }
        : as({ state: 'running', blocked: null })(path, body),
    )
    await late.pass(seconds)
    expect(Math.min(...gaps(late.asked).slice(1))).toBeGreaterThanOrEqual(20)
    await late.at.close()
  })

  it('asks seldom where nobody looks, and at once where somebody does again', async () => {
    const { at, asked, pass } = await watching(as({ state: 'running', blocked: null }))
    const hide = async (hidden: boolean) =>
      at.page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
      )
    await pass(2)
    await hide(true)
    await pass(3)
    const before = asked.length
    await pass(seconds)
    expect(asked.length - before).toBeLessThanOrEqual(Math.ceil(seconds / 60))
    const then = asked.length
    await hide(false)
    await pass(2)
    expect(asked.length).toBeGreaterThan(then)
    await at.close()
  })

  it('asks no more once it is settled: for its last answers once, and for nothing then', async () => {
    let over = false
    let events = 0
    const { at, asked, pass } = await watching((path, body) => {
      if (path.endsWith('/events')) events++
      return as(over ? { state: 'done', blocked: null } : { state: 'running', blocked: null })(path, body)
    })
    await pass(12)
    over = true
    // the timeline is asked every few seconds, and once more after the end
    await pass(8)
    const [asks, told] = [asked.length, events]
    await pass(soak ? 120 : 30)
    expect([asked.length, events]).toEqual([asks, told])
    expect(told).toBeGreaterThan(1)
    await at.close()
  })

  it.each(soak ? ['offline', 'away'] : ['offline'])('backs off while the service is not there (%s)', async how => {
    let first = true
    const { at, asked, pass } = await watching((path, body) => {
      if (path !== `/v1/recalls/${id}` || first) {
        first = path !== `/v1/recalls/${id}` && first
        return as({ state: 'running', blocked: null })(path, body)
      }
      return how === 'offline' ? null : { status: 503, body: { type: 'https://unpush.dev/problems/unavailable' } }
    })
    await pass(seconds)
    expect(Math.min(...gaps(asked))).toBeGreaterThanOrEqual(1)
    expect(asked.length).toBeLessThanOrEqual(12 + seconds / 5)
    expect(await at.page.locator('.stale').count()).toBe(1)
    await at.close()
  })

  it('tells who hears the page at most one line in ten seconds, and one a state', async () => {
    let accepted = 0
    const { at, pass } = await watching(
      as(() => {
        accepted += 37
        return {
          state: 'running',
          blocked: null,
          devices: { total: 90_000, accepted, rejected: 0, unknown: 0, pending: 90_000 - accepted },
        }
      }),
    )
    await at.page.evaluate(
      "self.said = 0; new MutationObserver(() => said++).observe(document.querySelector('.progress-card [role=status]'), { childList: true, characterData: true, subtree: true })",
    )
    await pass(60)
    const said = await at.page.evaluate<number>('said')
    expect(said).toBeLessThanOrEqual(7)
    expect(said).toBeGreaterThan(2)
    await at.close()
  })

  it('comes with three files and one question, from nowhere else', async () => {
    const { page, close, complaints } = await run.open()
    const asked: string[] = []
    page.on('request', request => asked.push(new URL(request.url()).pathname))
    await page.goto(`${run.service.url}/?lang=en`)
    await page.waitForSelector('input[name=key]')
    expect(asked.filter(path => path !== '/config.json').length).toBeLessThanOrEqual(3)
    expect(complaints).toEqual([])
    await close()
  })

  it.runIf(soak)('can be used within a second on a machine that is four times slower', async context => {
    // the best of five, each with nothing kept: others may have work for this machine, too
    const took: number[] = []
    for (let turn = 0; turn < 5; turn++) {
      const at = await run.open()
      const { page } = at
      const session = await at.context.newCDPSession(page)
      await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
      await page.goto(`${run.service.url}/?lang=en`)
      await page.waitForSelector('input[name=key]')
      took.push(await page.evaluate<number>('performance.now()'))
      await at.close()
    }
    figure(context, 'console usable, CPU 4 times slower', `${Math.round(Math.min(...took))} ms`, '≤ 1000 ms')
    expect(Math.min(...took)).toBeLessThan(1000)
  })

  it('names the first record of the trail that does not follow, over all its pages', async context => {
    const count = soak ? 10_000 : 1000
    const bad = Math.ceil(count / 3)
    const lines: string[] = []
    let before = noHash
    for (let seq = 1; seq <= count; seq++) {
      const record = {
        seq,
        at: '2026-11-29 03:12:04.512+00',
        entry: null,
        actor: 'key:ops',
        person: '李伟',
        action: 'recall.admitted',
        object: `rcl_${seq}`,
        detail: '{"a": 1}',
        request: null,
        mac: null,
      } satisfies Omit<AuditRecord, 'hash'>
      before = hashRecord(before, record)
      lines.push(JSON.stringify({ ...record, object: seq === bad ? 'rcl_other' : record.object, hash: before }))
    }
    lines.reverse()
    const at: Opened = await run.open()
    await at.signIn('admin')
    at.answer((path, body) => {
      if (path.startsWith('/v1/audit/head')) return { body: { ...(body as object), hashed: hashedMembers } }
      if (!path.startsWith('/v1/audit?limit=200')) return { body }
      const from = Number(new URLSearchParams(path.split('?')[1]).get('cursor') ?? 0)
      const next = from + 200
      const link = next < count ? { link: `</v1/audit?limit=200&cursor=${next}>; rel="next"` } : {}
      return { status: 200, text: `${lines.slice(from, next).join('\n')}\n`, headers: link }
    })
    await at.show('#/audit')
    const startedAt = Date.now()
    await at.page.getByText('Check here').click()
    const named = at.page.getByText(`Record ${bad.toLocaleString('en-US')} does not follow`)
    await named.waitFor()
    expect(await named.count()).toBe(1)
    if (soak) {
      figure(context, '10,000 records of the trail checked in a browser', `${Date.now() - startedAt} ms`, '≤ 5000 ms')
      expect(Date.now() - startedAt).toBeLessThan(5000)
    }
    await at.close()
  })
})

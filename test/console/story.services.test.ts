/** The whole story in a browser: sign in, find, take back, watch, approve as another person, keep the evidence. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSignInCode } from '../../sandbox/sign-in-code.ts'
import { type ConsoleRun, startConsole } from './browser.ts'

describe('the console (Chromium)', () => {
  let run: ConsoleRun
  let code = ''
  beforeAll(async () => {
    const made = new Map<string, ReturnType<typeof createSignInCode>>()
    run = await startConsole({
      secrets: { 'unpush/policy': { approvalAbove: { overlay: 10_000 } } },
      redeem: (keys, given) => {
        const own = made.get(keys.operator)
        return own?.redeem(given) ?? null
      },
    })
    const own = createSignInCode(run.service.keys.operator)
    made.set(run.service.keys.operator, own)
    code = own.code
  })
  afterAll(() => run.close())

  const push = async (pushId: string, title: string, audienceSize: number) => {
    run.service.sandbox.pushTpns({ app: 'news-android', title, content: '点击领取', audience: 'all', pushId })
    const target = { app: 'news-android', pushId, audience: 'all', audienceSize }
    const { status } = await run.service.call('POST', '/v1/messages', {
      id: `m-${pushId}`,
      title,
      body: '点击领取',
      targets: [target],
    })
    expect(status).toBe(201)
  }

  it.each([
    ['en', 1280],
    ['zh', 1280],
    ['en', 360],
    ['zh', 360],
  ] as const)('finds a push and takes it back within three interactions (%s, %d px)', async (language, width) => {
    const pushId = `7400${language === 'en' ? 1 : 2}${width}`
    await push(pushId, '限时优惠：全场一元', 300)
    const { page, complaints, signIn, close } = await run.open({ language, width })
    await signIn('operator')
    const row = page.locator('tr', { hasText: '限时优惠：全场一元' }).first()
    let interactions = 0
    const act = async (what: () => Promise<void>) => {
      interactions++
      await what()
    }
    await act(() => row.locator('.verbs .revoke').click())
    await act(() => page.locator('.reason .chip').first().click())
    await act(() => page.locator('.dialog .act').click())
    await page.waitForURL(/#\/recalls\/rcl_/)
    expect(interactions).toBeLessThanOrEqual(3)
    await page.waitForSelector('.page-head .mark.ok')
    // accepted, and nowhere more than that
    expect(await page.textContent('main')).toContain(
      language === 'zh' ? '已受理不等于已从屏幕消失' : 'Accepted is not gone from the screen',
    )
    expect(complaints).toEqual([])
    await close()
  })

  it('asks for the digits where the reach is large, and for another person where the policy says so', async () => {
    await push('7410001', 'Flash sale', 1_284_210)
    const asking = await run.open()
    await asking.signIn('operator', '#/messages/m-7410001/overlay')
    const { page } = asking
    await page.waitForSelector('.overlay-fields')
    await page.locator('.overlay-fields .chip').first().click()
    await page.locator('.reason .chip').nth(1).click()
    const check = (await page.textContent('output.check-number')) ?? ''
    await asking.quiet()
    expect(check).toMatch(/^\d{4}$/)
    const button = page.locator('.dialog .act')
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    // wrong digits keep it shut, whatever is pressed
    await page.fill('.digits input', check === '0000' ? '0001' : '0000')
    await button.click({ force: true })
    await page.press('.digits input', 'Control+Enter')
    await page.fill('.digits input', check)
    await expect.poll(() => button.getAttribute('aria-disabled')).toBe('false')
    expect(await button.textContent()).toContain('1,284,210')
    const { items: before } = (await run.service.call('GET', '/v1/recalls?q=7410001')).body
    expect(before).toEqual([])
    await button.dblclick()
    await page.waitForURL(/#\/recalls\/rcl_/)
    await page.waitForSelector('.approval')
    const id = /rcl_\w+/.exec(page.url())?.[0] ?? ''
    expect(await page.textContent('.approval')).toContain('another person decides')

    const deciding = await run.open({ language: 'zh' })
    await deciding.signIn('approver', `#/recalls/${id}`)
    await deciding.page.waitForSelector('.approval')
    expect(await deciding.page.textContent('.approval')).toContain(check)
    await deciding.page.click(`#approve-${id}`)
    await deciding.page.locator('.dialog .act').click()
    await deciding.page.waitForSelector('.recall-targets')
    await expect.poll(async () => (await run.service.call('GET', `/v1/recalls/${id}`)).body.state).toBe('done')
    const { items } = (await run.service.call('GET', '/v1/recalls?limit=200')).body
    expect(items.filter((one: { subject: { message?: string } }) => one.subject.message === 'm-7410001').length).toBe(1)

    // what happened, as a file
    await page.waitForSelector('.page-head .mark.ok')
    await run.service.gateway.runtime.sealer.now()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Evidence').click()])
    const evidence = JSON.parse(await readFile(await download.path(), 'utf8'))
    expect(evidence.recall.id).toBe(id)
    const kinds = evidence.events.map(({ kind }: { kind: string }) => kind)
    expect(kinds).toEqual(expect.arrayContaining(['asked', 'decided', 'answers']))
    expect(evidence.events[0].audit).toMatchObject({
      seq: expect.any(Number),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect([...asking.complaints, ...deciding.complaints]).toEqual([])
    await Promise.all([asking.close(), deciding.close()])
  })

  it('takes a push back that nobody registered, by the vendor’s own id', async () => {
    run.service.sandbox.pushTpns({ app: 'news-android', title: 'x', content: 'x', audience: 'all', pushId: '7420001' })
    const { page, complaints, signIn, quiet, close } = await run.open()
    await signIn('operator')
    await page.fill('#search', '7420001')
    await page.getByText('Take back in news-android').click()
    await page.locator('.reason .chip').first().click()
    const check = await page.textContent('output.check-number')
    // with a new plan the field is emptied
    await quiet()
    await page.fill('.digits input', check ?? '')
    await page.locator('.dialog .act').click()
    await page.waitForURL(/#\/recalls\/rcl_/)
    expect(complaints).toEqual([])
    await close()
  })

  it('signs in once by the code of the link, which leaves the address bar', async () => {
    const { page, close } = await run.open()
    const link = `${run.service.url}/#/sign-in/${code}`
    await page.goto(link)
    await page.waitForSelector('main h1')
    expect(await page.textContent('.person')).toBe('li.wei')
    expect(page.url()).not.toContain(code)
    await close()
    const again = await run.open()
    await again.page.goto(link)
    await again.page.waitForSelector('input[name=key]')
    await again.close()
  })

  it('keeps the key out of storage, address and document, gives it to a new tab, and forgets it when locked', async () => {
    const { page, context, signIn, close } = await run.open()
    await signIn('operator', '#/recalls')
    const key = run.service.keys.operator
    const seen = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.documentElement.outerHTML, location.href, document.cookie])',
    )
    expect(seen).not.toContain(key)
    const second = await context.newPage()
    await second.goto(`${run.service.url}/#/health`)
    await second.waitForSelector('.top .person')
    await page.click('.top button[title=Lock]')
    await page.waitForSelector('dialog.lock')
    await second.waitForSelector('dialog.lock')
    expect(page.url()).toContain('#/recalls')
    await close()
  })

  it('takes the key that another tab gives late, and says whose it is', async () => {
    const { context, signIn, close } = await run.open()
    await signIn('operator', '#/recalls')
    const second = await context.newPage()
    await second.addInitScript(`
      const { addEventListener } = BroadcastChannel.prototype
      BroadcastChannel.prototype.addEventListener = function (kind, hear) {
        addEventListener.call(this, kind, event => setTimeout(hear, 1000, event))
      }`)
    await second.goto(`${run.service.url}/#/health`)
    await expect.poll(() => second.textContent('.top .person')).toBe('li.wei')
    await close()
  })

  it('shows hostile text as it is, everywhere, and runs none of it', async () => {
    const hostile = [
      '<img src=x onerror=alert(1)>',
      '"><svg onload=alert(1)>',
      '<script>alert(1)</script>',
      'javascript:alert(1)',
      '{{constructor.constructor("alert(1)")()}}',
      '\u202egnp.exe',
      'a\u0000b'.replace('\u0000', '\u0007'),
    ]
    const { page, complaints, signIn, show, close } = await run.open()
    for (const [index, text] of hostile.entries()) {
      const target = { app: 'news-android', pushId: `74300${index}`, audience: 'all', audienceSize: 9 }
      await run.service.call('POST', '/v1/messages', {
        id: `h-${index}`,
        title: text,
        body: text,
        url: 'javascript:alert(1)',
        contents: [`c${index}`],
        targets: [target],
      })
      await run.service.call('POST', '/v1/stop', { message: `h-${index}`, reason: text, ticket: text })
    }
    await signIn('operator')
    await page.waitForSelector('.row-link')
    expect(await page.textContent('main')).toContain(hostile[0])
    for (const hash of [
      '#/messages/h-0',
      '#/messages/h-5/revoke',
      '#/recalls',
      '#/verdicts',
      `#/messages?q=${encodeURIComponent('<img src=x onerror=alert(1)>')}`,
      '#/<img src=x onerror=alert(1)>',
    ]) {
      await show(hash)
      expect(await page.locator('a[href^="javascript:"]').count()).toBe(0)
      await page.keyboard.press('Escape')
    }
    await show('#/messages')
    expect(await page.textContent('main')).toContain('U+202E')
    expect(complaints).toEqual([])
    await close()
  })

  it('acts on keys, but not while somebody types, and not where they are switched off', async () => {
    await push('7450001', 'by keys', 9)
    const { page, signIn, quiet, close } = await run.open()
    await signIn('operator')
    await page.waitForSelector('.row-link')
    // the second key counts within a second and a half of the first
    const chord = async () => {
      for (const key of ['g', 'r']) await page.keyboard.press(key)
      return page.url()
    }
    await expect.poll(chord).toMatch(/#\/recalls$/)
    await quiet()
    await page.keyboard.press('/')
    await page.keyboard.type('gm')
    expect(page.url()).toMatch(/#\/recalls/)
    await page.evaluate("localStorage.setItem('unpush.shortcuts', 'off')")
    await page.reload()
    await page.fill('input[name=key]', run.service.keys.operator)
    await page.press('input[name=key]', 'Enter')
    await page.waitForSelector('main h1')
    await page.locator('main h1').focus()
    const before = page.url()
    for (const key of ['g', 'h', 'r', '?', 'j', '/']) await page.keyboard.press(key)
    await page.waitForTimeout(200)
    expect(page.url()).toBe(before)
    expect(await page.locator('dialog[open]').count()).toBe(0)
    await close()
  })
})

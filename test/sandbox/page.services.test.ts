/** What a newcomer sees: the notification leaves the phones that can be reached, in a real browser. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'
import { chromium as installed, patienceMs } from '../support/services.ts'
import { usualStandIns } from '../support/sandbox.ts'
import { madeUp } from './made-up.ts'
import { callersOf, type Running, startSandbox } from './world.ts'

describe('the sandbox page (Chromium)', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: installed,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  afterAll(() => browser.close())

  /** Opens the page; everything that the browser complains about is collected. */
  const open = async (url: string, options: BrowserContextOptions = { locale: 'zh-CN' }) => {
    const page = await browser.newPage(options)
    page.context().setDefaultTimeout(patienceMs)
    const complaints: string[] = []
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    await page.goto(`${url}/_sandbox`)
    return { page, complaints }
  }
  const notices = (page: Page, phone: string) => page.locator(`[data-phone="${phone}"] .notice:not(.leaving)`)

  describe('behind the vendors alone', () => {
    let running: Running
    beforeEach(async () => {
      running = await startSandbox()
    })
    afterEach(() => running.close())

    it('shows a notification vanish after a revoke through the vendor', async () => {
      const { sandbox, url } = running
      const vendor = callersOf(running)
      const tokens = sandbox.harmonyTokens().slice(0, 1000)
      sandbox.pushHarmony({ notifyId: 7, tokens, title: '错误', body: '内容' })
      const { page, complaints } = await open(url)
      await notices(page, 'phone-1').waitFor()
      const crowd = page.locator('[data-group="phone"] canvas')
      await expect.poll(() => crowd.getAttribute('aria-label')).toMatch(/^展示中 834，/)
      // it is there for a moment only
      const seen = page.evaluate(`new Promise(resolve =>
        new MutationObserver(() => document.querySelector('[data-phone="phone-1"] .leaving.vanishing') && resolve(true))
          .observe(document.body, { subtree: true, childList: true, attributes: true }))`)
      expect(await vendor.revoke(7, tokens).then(reply => reply.json())).toMatchObject({ code: '80000000' })
      expect(await seen).toBe(true)
      await notices(page, 'phone-1').waitFor({ state: 'detached' })
      // the badge keeps its number
      expect(await page.locator('[data-phone="phone-1"] .badge').textContent()).toBe('1')
      await expect.poll(() => crowd.getAttribute('aria-label')).toMatch(/^已消失 834，/)
      await expect.poll(() => page.locator('[data-group="phone"] .state').textContent()).toBe('已消失')
      await expect.poll(() => page.locator('[data-part="removed"] b').textContent()).toBe('834')
      await page.locator('#calls li', { hasText: '80000000' }).waitFor()
      expect(complaints).toEqual([])
      await page.close()
    })

    it('holds any phone of the crowd, in English too, on a small screen without scrolling sideways', async () => {
      const { page, complaints } = await open(running.url, { locale: 'en-US', viewport: { width: 360, height: 780 } })
      await page.locator('[data-phone="vivo-1"]').waitFor()
      await page.locator('[data-group="vivo"] canvas').click({ position: { x: 19, y: 6 } })
      const held = page.locator('#held')
      await held.locator('[data-phone="vivo-2"]').waitFor()
      await held.getByRole('button', { name: 'Go offline' }).click()
      await held.getByRole('button', { name: 'Go online' }).waitFor()
      expect(running.sandbox.fleet.byId('vivo-2')?.online).toBe(false)
      await page.keyboard.press('Escape')
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      expect(await page.locator('h1').textContent()).toBe('Sandbox phones')
      await page.getByLabel('Menu').click()
      await page.locator('#menu').getByRole('button', { name: '中文' }).click()
      expect(await page.locator('h1').textContent()).toBe('沙箱手机')
      expect(complaints).toEqual([])
      await page.close()
    })

    it('speaks the language and wears the theme that were chosen in the console', async () => {
      const { page } = await open(running.url, { locale: 'zh-CN', colorScheme: 'light' })
      const colour = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
      const light = await colour()
      await page.getByRole('button', { name: '深色主题' }).click()
      expect(await colour()).not.toBe(light)
      expect(await page.evaluate("localStorage.getItem('unpush.theme')")).toBe('dark')
      await page.evaluate("localStorage.setItem('unpush.language', 'en')")
      await page.reload()
      expect(await page.locator('h1').textContent()).toBe('Sandbox phones')
      expect(await colour()).not.toBe(light)
      await page.close()
    })

    it.each(['light', 'dark'] as const)('has no fault that axe finds, %s', async colorScheme => {
      const { sandbox, url } = running
      sandbox.pushTpns({ app: 'news-android', title: '错误', content: '内容', audience: 'all' })
      const { page } = await open(url, {
        locale: 'zh-CN',
        viewport: { width: 360, height: 780 },
        colorScheme,
        // what arrives has another contrast meanwhile
        reducedMotion: 'reduce',
        bypassCSP: true,
      })
      await notices(page, 'tpns-1').waitFor()
      await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
      const look = () =>
        page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
          "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })",
        )
      const faults = async () =>
        (await look()).violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
      expect(await faults()).toEqual([])
      await page.locator('[data-phone="tpns-1"]').click()
      await page.locator('#held .notice').waitFor()
      expect(await faults()).toEqual([])
      await page.close()
    })

    it('keeps twenty vendors readable on a phone: two open, the others a click away', async () => {
      await running.close()
      running = await startSandbox({ standIns: [...usualStandIns, ...madeUp(18)] })
      const { page, complaints } = await open(running.url, { locale: 'en-US', viewport: { width: 360, height: 780 } })
      const closed = page.locator('.vendor:not([open])')
      await expect.poll(() => closed.count()).toBe(18)
      expect(await page.locator('.vendor').count()).toBe(20)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      expect(await page.locator('[data-phone="v9-1"]').isVisible()).toBe(false)
      await closed.nth(9).locator('summary').click()
      await page.locator('[data-phone="v9-1"]').waitFor()
      await expect
        .poll(() =>
          page
            .locator('[data-group="v9"] canvas')
            .boundingBox()
            .then(box => box?.height ?? 0),
        )
        .toBeGreaterThan(5)
      expect(complaints).toEqual([])
      await page.close()
    })

    it('sends a push of its own, with a line that takes it back', async () => {
      const { page, complaints } = await open(running.url)
      await page.locator('#send').getByRole('button', { name: '发送' }).click()
      const line = page.locator('#send pre')
      await line.waitFor()
      const pushId = /"pushId":"(\d{19})"/.exec((await line.textContent()) ?? '')?.[1]
      expect(running.sandbox.fleet.byId('tpns-1')?.notices[0]?.key).toBe(pushId)
      await page.locator('#send').getByRole('button', { name: '覆盖' }).click()
      await expect.poll(() => line.textContent()).toMatch(/\/v1\/overlay .*"pushId":"\d+"\},"overlay":\{"title":"更正/)
      await page.locator('#send select').selectOption('news-harmony')
      await page.locator('#send').getByRole('button', { name: '发送' }).click()
      await expect
        .poll(() => line.textContent())
        .toMatch(/^curl -sS '.*\/_sandbox\/recall\?app=news-harmony&notifyId=\d+&group=all' \| curl .*\/v1\/revoke/)
      await page.getByRole('button', { name: '全部重置' }).click()
      await notices(page, 'tpns-1').waitFor({ state: 'detached' })
      expect(complaints).toEqual([])
      await page.close()
    })
  })

  describe('behind the whole service', () => {
    let service: Service
    beforeAll(async () => {
      service = await startService()
    })
    afterAll(() => service.close())

    it('shows the notification go, stay or change; hostile text stays text', async () => {
      const { sandbox } = service
      const hostile = '<img src=x onerror="document.title=1">'
      sandbox.pushTpns({ app: 'news-android', title: hostile, content: hostile, audience: 'all', pushId: '1' })
      const { page, complaints } = await open(service.url)
      await notices(page, 'tpns-1').waitFor()
      expect(await notices(page, 'tpns-1').locator('b').textContent()).toBe(hostile)
      expect(await page.title()).toContain('Unpush')

      const wait = { headers: { prefer: 'wait=10' } }
      await service.call('POST', '/v1/revoke', { target: { app: 'news-android', pushId: '1' }, reason: 'r' }, wait)
      await notices(page, 'tpns-1').waitFor({ state: 'detached' })
      expect(await notices(page, 'oppo-1').count()).toBe(1)

      sandbox.pushTpns({ app: 'news-android', title: '旧', content: '旧', audience: 'all', pushId: '2' })
      const target = { app: 'news-android', pushId: '2' }
      await service.call('POST', '/v1/overlay', { target, overlay: { title: '更正', body: '新' }, reason: 'r' }, wait)
      await notices(page, 'xiaomi-1').locator('b', { hasText: '更正' }).waitFor()

      await page.locator('[data-phone="oppo-1"]').click()
      await page.locator('#held').getByRole('button', { name: '点开' }).first().click()
      await page.locator('#held .notice.clicked').first().waitFor()
      await page.locator('#held').getByRole('button', { name: '关闭' }).click()
      await page.locator('.group [data-phone="oppo-1"] .notice.clicked').first().waitFor()
      await page.locator('[data-switch="tpns.revokeRetired"]').check()
      await expect.poll(() => sandbox.switches.tpns.revokeRetired).toBe(true)
      expect(complaints).toEqual([])
      await page.close()
    })

    it('delivers a verdict, and the notification goes', async () => {
      const { sandbox } = service
      sandbox.reset()
      const { pushId } = sandbox.pushTpns({ app: 'news-android', title: '谣言', content: '谣言', audience: 'all' })
      const target = { app: 'news-android', pushId, audience: 'all' }
      await service.call('POST', '/v1/messages', { contents: ['article:rumour'], targets: [target] })
      const { page, complaints } = await open(service.url)
      const rumour = notices(page, 'tpns-1').locator('b', { hasText: '谣言' })
      await rumour.waitFor()
      const panel = page.locator('#verdict')
      await panel.locator('select').selectOption('netease-yidun')
      await panel.locator('input').fill('article:rumour')
      await panel.getByRole('button', { name: '投递' }).click()
      await panel.getByRole('status').filter({ hasText: '接口应答 200' }).waitFor()
      expect(await panel.getByRole('status').locator('code').textContent()).toBe('{"code":200}')
      expect(await panel.locator('pre').textContent()).toMatch(/^curl -sS -X POST .*demo-netease-yidun'$/)
      await rumour.waitFor({ state: 'detached' })
      expect(complaints).toEqual([])
      await page.close()
    })

    it('serves its pages with a policy that runs nothing foreign', async () => {
      for (const path of ['/_sandbox', '/_sandbox/docs', '/', '/docs']) {
        const reply = await fetch(service.url + path)
        expect(reply.status, path).toBe(200)
        expect(reply.headers.get('content-security-policy'), path).toMatch(/default-src 'none'/)
      }
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', message => /Content Security Policy/.test(message.text()) && complaints.push(message.text()))
      await page.goto(`${service.url}/docs`)
      expect(await page.locator('article').count()).toBeGreaterThan(15)
      expect(complaints).toEqual([])
      await page.close()
    })
  })
})

/** What a newcomer sees: the notification leaves the phones that can be reached, in a real browser. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'

const executablePath = '/usr/bin/chromium'
const found = existsSync(executablePath)
if (!found) {
  if ((process.env['UNPUSH_TEST_REQUIRE'] ?? '').includes('chromium'))
    throw new Error('Chromium is required and was not found')
  console.log('Chromium was not found: the suite "the sandbox page" is skipped.')
}

describe.skipIf(!found)('the sandbox page (Chromium)', () => {
  let service: Service
  let browser: Browser
  beforeAll(async () => {
    service = await startService()
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  afterAll(async () => {
    await browser.close()
    await service.close()
  })

  it('shows the notification go, stay or change; hostile text stays text', async () => {
    const { sandbox } = service
    const hostile = '<img src=x onerror="document.title=1">'
    sandbox.pushTpns({ app: 'news-android', title: hostile, content: 'x', audience: 'all', pushId: '1' })
    const page = await browser.newPage({ locale: 'zh-CN' })
    const complaints: string[] = []
    page.on(
      'console',
      message =>
        message.type() === 'error' &&
        !message.text().includes('favicon') &&
        !message.text().includes('404') &&
        complaints.push(message.text()),
    )
    page.on('pageerror', error => complaints.push(error.message))
    await page.goto(`${service.url}/_sandbox`)
    const on = (phone: string) => page.locator(`[data-phone="${phone}"] .notice:not(.leaving)`)
    await on('tpns-1').waitFor()
    expect(await on('tpns-1').locator('b').textContent()).toBe(hostile)
    expect(await page.title()).toContain('Unpush')
    expect(await page.locator('h1').textContent()).toBe('沙箱手机')

    await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-android', pushId: '1' }, reason: 'r' },
      { headers: { prefer: 'wait=10' } },
    )
    await on('tpns-1').waitFor({ state: 'detached' })
    expect(await on('oppo-1').count()).toBe(1)

    sandbox.pushTpns({ app: 'news-android', title: '旧', content: '旧', audience: 'all', pushId: '2' })
    const overlay = {
      target: { app: 'news-android', pushId: '2' },
      overlay: { title: '更正', body: '新' },
      reason: 'r',
    }
    await service.call('POST', '/v1/overlay', overlay, { headers: { prefer: 'wait=10' } })
    await page.locator('[data-phone="xiaomi-1"] .notice b', { hasText: '更正' }).waitFor()

    await page.locator('[data-phone="oppo-1"]').getByRole('button', { name: '点击' }).first().click()
    await page.locator('[data-phone="oppo-1"] .notice.clicked').first().waitFor()
    await page.locator('[data-switch="tpns.revokeRetired"]').check()
    await expect.poll(() => sandbox.switches.tpns.revokeRetired).toBe(true)
    expect(complaints).toEqual([])
  })

  it('serves its pages with a policy that runs nothing foreign, and only to loopback names', async () => {
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
  })
})

/** From `npm start` to the first recall: what a newcomer reads, opens and presses. */
import { expect, it } from 'vitest'
import { chromium } from 'playwright-core'
import { startNewcomer } from '../../sandbox/pictures/newcomer.ts'
import { figure, soak } from '../support/figures.ts'
import { chromium as installed, patienceMs } from '../support/services.ts'

it('a newcomer takes the first push back with four steps, and sees the phones in a second window (Chromium)', async context => {
  const startedAt = Date.now()
  const newcomer = await startNewcomer()
  const browser = await chromium.launch({ executablePath: installed, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    // the console first, and one command to take it back from a terminal
    expect(newcomer.lines.find(line => line.includes('http://'))).toContain(newcomer.consoleLink)
    expect(newcomer.lines.join('\n')).toContain('npx unpush revoke --content')
    expect(Object.keys(newcomer.keys).sort()).toEqual(['admin', 'approver', 'operator', 'sender', 'viewer'])
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
    page.context().setDefaultTimeout(patienceMs)
    let steps = 0
    const step = async (act: () => Promise<unknown>) => {
      steps++
      await act()
    }
    await step(() => page.goto(newcomer.consoleLink))
    const opening = page.waitForEvent('popup')
    await page.getByText('Phones, in a window beside this one').click()
    const phones = await opening
    await phones.waitForSelector('[data-group]')
    await step(() => page.locator('.verbs .revoke').first().click())
    await step(() => page.locator('.reason .chip').first().click())
    await step(() => page.locator('.dialog .act').click())
    await page.waitForURL(/#\/recalls\/rcl_/)
    if (soak) {
      figure(context, 'first recall from npm start', `${((Date.now() - startedAt) / 1000).toFixed(1)} s`, '≤ 60 s')
      expect(Date.now() - startedAt).toBeLessThan(60_000)
    }
    expect(steps).toBe(4)
    await page.waitForSelector('.page-head .mark.ok, .page-head .mark.warn')
  } finally {
    await browser.close()
    await newcomer.close()
  }
})

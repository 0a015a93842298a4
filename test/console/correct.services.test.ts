/** A correction and everyone but me, in a browser: what is chosen stands on the screen before, and in the record after. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConsoleRun, startConsole } from './browser.ts'

describe('the console (Chromium)', () => {
  let run: ConsoleRun
  beforeAll(async () => {
    run = await startConsole()
  })
  afterAll(() => run.close())

  let next = 95_000
  const pushed = async () => {
    const number = (next += 1)
    const tokens = run.service.sandbox.harmonyTokens('phone').slice(0, 4)
    const pushId = String(number)
    run.service.sandbox.pushTpns({ app: 'news-android', title: 'Flash sale', content: 'b', audience: 'tag', pushId })
    run.service.sandbox.pushHarmony({ notifyId: number, tokens, title: 'Flash sale', body: 'b' })
    const targets = [
      { app: 'news-harmony', notifyId: number, tokens },
      { app: 'news-android', pushId, audience: 'tag', audienceSize: 300 },
    ]
    const message = { id: `m-${number}`, title: 'Flash sale', body: 'b', targets }
    expect((await run.service.call('POST', '/v1/messages', message)).status).toBe(201)
    return { id: message.id, tokens }
  }

  it.each([
    ['en', 1280, ['is replaced', 'disappears']],
    ['zh', 360, ['将被覆盖', '将消失']],
  ] as const)(
    'corrects a message: one dialog, one recall, each channel by its name (%s, %d px)',
    async (language, width, [replaced, removed]) => {
      const { id } = await pushed()
      const { page, complaints, signIn, close } = await run.open({ language, width })
      await signIn('operator', `#/messages/${id}`)
      await page.click(`#act-${id}-correct`)
      await page.locator('.overlay-fields .chip').first().click()
      const cards = page.locator('.dialog .effect-cards')
      await cards.waitFor()
      const text = (await cards.textContent()) ?? ''
      for (const word of [replaced, removed, 'OPPO', 'HarmonyOS']) expect(text).toContain(word)
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      await page.locator('.reason .chip').first().click()
      await page.locator('.dialog .act').click()
      await page.waitForURL(/#\/recalls\/rcl_/)
      await page.waitForSelector('.page-head .mark.ok')
      const recall = /rcl_\w+/.exec(page.url())?.[0] ?? ''
      const { body } = await run.service.call('GET', `/v1/recalls/${recall}`)
      expect(body).toMatchObject({
        operation: 'correct',
        state: 'done',
        targets: [{ requested: 'revoke' }, { requested: 'overlay' }],
      })
      expect(await page.textContent('.page-head h1')).toContain(language === 'zh' ? '更正' : 'Correct')
      expect(complaints).toEqual([])
      await close()
    },
  )

  it('leaves out whom it was told to, without showing a token, where a vendor can', async () => {
    const { id, tokens } = await pushed()
    const { page, complaints, signIn, close, go } = await run.open()
    await signIn('operator', `#/messages/${id}/revoke`)
    await page.locator('.dialog details.except summary').click()
    await page.fill('.dialog textarea[name=except]', `${tokens[0]}\n\n${JSON.stringify(tokens[1])}\n${tokens[0]}`)
    await page.locator('.dialog textarea[name=except]').blur()
    await page.getByText('2 different tokens').waitFor()
    // TPNS takes back whole pushes: that part is refused in words, the other counts without them
    await page.locator('.plan-line b', { hasText: '2 devices' }).waitFor()
    const html = await page.content()
    expect(tokens.filter(token => html.includes(token))).toEqual([])
    await page.locator('.reason .chip').first().click()
    await page.locator('.dialog .act').click()
    await page.waitForURL(/#\/recalls\/rcl_/)
    await page.getByText('Left alone').waitFor()
    const recall = /rcl_\w+/.exec(page.url())?.[0] ?? ''
    const { body } = await run.service.call('GET', `/v1/recalls/${recall}`)
    expect(body).toMatchObject({ subject: { exceptTokens: 2 }, devices: { total: 2 } })

    // of a task nobody can be left out
    const pushId = String((next += 1))
    run.service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'tag', pushId })
    const alone = { id: `m-${pushId}`, title: 't', targets: [{ app: 'news-android', pushId }] }
    expect((await run.service.call('POST', '/v1/messages', alone)).status).toBe(201)
    await go(`#/messages/${alone.id}/revoke`)
    await page.waitForSelector('.dialog .effect-cards')
    expect(await page.locator('.dialog details.except').count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })
})

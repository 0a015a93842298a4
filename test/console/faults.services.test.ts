/** Signing in at an issuer, and what the console says when an answer is lost, late, refused or of an older service. */
import type { Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sandboxOidc } from '../../sandbox/issuer.ts'
import { type ConsoleRun, startConsole } from './browser.ts'

describe('the console where things go wrong (Chromium)', () => {
  let run: ConsoleRun
  beforeAll(async () => {
    // the issuer warns of what is meant for one machine alone
    for (const method of ['info', 'warn'] as const) vi.spyOn(console, method).mockReturnValue()
    run = await startConsole({
      secrets: demo => ({
        ...demo,
        'unpush/access': {
          ...(demo['unpush/access'] as object),
          oidc: sandboxOidc(new URL((demo['unpush/apps/news-android'] as { endpoint: string }).endpoint).origin),
        },
      }),
    })
    for (const pushId of ['1', '2', '3']) {
      run.service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all', pushId })
      const targets = [{ app: 'news-android', pushId, audience: 'all', audienceSize: 300 }]
      await run.service.call('POST', '/v1/messages', { id: `m${pushId}`, title: `message ${pushId}`, targets })
    }
  })
  afterAll(async () => {
    await run.close()
    vi.restoreAllMocks()
  })

  it('signs in at the issuer, comes back to where it was, and keeps nothing of it', async () => {
    const { page, close } = await run.open()
    await page.goto(`${run.service.url}/?lang=en#/recalls`)
    await page.getByText('Sign in with SSO').click()
    await page.fill('input[name=login]', 'li.wei')
    await page.fill('input[name=password]', 'any')
    await page.click('button[type=submit]')
    // the same button of the next page
    await page.click('form:has(input[name=prompt][value=consent]) button[type=submit]')
    await page.waitForSelector('.top .person')
    expect(await page.textContent('.person')).toBe('li.wei')
    expect(page.url()).toBe(`${run.service.url}/?lang=en#/recalls`)
    const kept = await page.evaluate<string>('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])')
    expect(kept).not.toMatch(/eyJ|verifier|state/)
    // the issuer still knows who this is
    await page.reload()
    await page.waitForSelector('.top .person')
    expect(page.url()).toContain('#/recalls')
    await close()
  })

  it('says that the issuer let nobody in, and asks again where its token ends, on the page that was open', async () => {
    const { page, close, answer } = await run.open()
    await page.goto(`${run.service.url}/?lang=en#/recalls`)
    await page.getByText('Sign in with SSO').click()
    await page.waitForSelector('input[name=login]')
    // as an issuer answers that does not want this person
    const { state, iss } = await page.evaluate<{ state: string; iss: string }>(
      `({ state: Object.values(sessionStorage).map(text => { try { return JSON.parse(text).state } catch { return null } }).find(Boolean) ?? '', iss: location.origin + '/_sandbox/issuer' })`,
    )
    expect(state).not.toBe('')
    await page.goto(
      `${run.service.url}/?error=access_denied&error_description=not+yours&state=${state}&iss=${encodeURIComponent(iss)}`,
    )
    await page.waitForSelector('.login .notice.bad')
    expect(await page.textContent('.login .notice.bad')).toContain('did not sign you in')
    expect(page.url()).not.toContain('access_denied')
    expect(page.url()).toContain('#/recalls')
    await page.getByText('Sign in with SSO').click()
    await page.fill('input[name=login]', 'li.wei')
    await page.fill('input[name=password]', 'any')
    await page.click('button[type=submit]')
    // the same button of the next page
    await page.click('form:has(input[name=prompt][value=consent]) button[type=submit]')
    await page.waitForSelector('.top .person')
    expect(page.url()).toContain('#/recalls')
    // the token is over
    const type = 'https://unpush.dev/problems/unauthorized'
    answer(() => ({ status: 401, body: { type, title: 'x', status: 401, detail: 'x', requestId: 'req_1' } }))
    await page.keyboard.press('.')
    await page.waitForSelector('dialog.lock')
    answer(null)
    await page.locator('dialog.lock').getByText('Sign in with SSO').click()
    await page.waitForSelector('dialog.lock', { state: 'detached' })
    await page.waitForSelector('.top .person')
    expect(page.url()).toMatch(/#\/recalls$/)
    await close()
  })

  it('does not take an answer of the issuer that it did not ask for', async () => {
    const { page, close } = await run.open()
    await page.goto(`${run.service.url}/?code=stolen&state=made-up#/recalls`)
    await page.waitForSelector('.login .notice.bad')
    expect(page.url()).not.toContain('stolen')
    await close()
  })

  it('says that it is not known whether a recall was taken where the answer is lost, and sends it again as the same', async () => {
    const { page, close, signIn } = await run.open()
    await signIn('operator', '#/messages/m1/revoke')
    await page.locator('.reason .chip').first().click()
    let cut = 0
    await page.route('**/v1/revoke', async (route: Route) => {
      const body = route.request().postDataJSON() as { dryRun?: boolean }
      if (body.dryRun === true || cut > 0) return route.continue()
      cut++
      // it arrives, and its answer does not
      await route.fetch()
      return route.abort()
    })
    await page.locator('.dialog .act').click()
    await page.waitForSelector('.dialog .notice.bad')
    expect(await page.textContent('.dialog .notice.bad')).toContain('It is not known whether it was taken')
    await page.locator('.dialog .act').click()
    await page.waitForURL(/#\/recalls\/rcl_/)
    const { items } = (await run.service.call('GET', '/v1/recalls?limit=100')).body
    expect(items.filter((one: { subject: { message?: string } }) => one.subject.message === 'm1').length).toBe(1)
    await close()
  })

  it('keeps what it has where the service is away, says as of when, and goes on by itself', async () => {
    const { page, close, signIn } = await run.open()
    await signIn('operator', '#/messages')
    await page.waitForSelector('.row-link')
    await page.route('**/v1/**', route => route.abort())
    await page.waitForSelector('.stale')
    expect(await page.textContent('.stale')).toContain('as of')
    expect(await page.locator('.row-link').count()).toBeGreaterThan(0)
    await page.unroute('**/v1/**')
    await page.waitForSelector('.stale', { state: 'detached' })
    await close()
  })

  it('lies over the page where the credential ends, and the page is still there afterwards', async () => {
    const { page, close, signIn } = await run.open()
    await signIn('operator', '#/messages/m2')
    await page.waitForSelector('.plans')
    const problem = {
      type: 'https://unpush.dev/problems/unauthorized',
      title: 'x',
      status: 401,
      detail: 'x',
      requestId: 'req_1',
    }
    await page.route('**/v1/messages/m2', route =>
      route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    )
    await page.keyboard.press('.')
    await page.waitForSelector('dialog.lock')
    await page.unroute('**/v1/messages/m2')
    await page.fill('dialog.lock input[name=key]', run.service.keys.operator)
    await page.press('dialog.lock input[name=key]', 'Enter')
    await page.waitForSelector('dialog.lock', { state: 'detached' })
    expect(page.url()).toContain('#/messages/m2')
    await close()
  })

  it('works with a service that is older by a version, and says what it does not tell', async () => {
    const { page, close, signIn, complaints, show, quiet } = await run.open()
    const none = {
      type: 'https://unpush.dev/problems/not-found',
      title: 'x',
      status: 404,
      detail: 'x',
      requestId: 'req_1',
    }
    for (const path of ['**/v1/me', '**/v1/summary', '**/plan', '**/v1/health', '**/v1/metrics', '**/v1/subscribers'])
      await page.route(path, route =>
        route.fulfill({ status: 404, contentType: 'application/problem+json', body: JSON.stringify(none) }),
      )
    await signIn('operator', '#/messages/m3')
    await page.waitForSelector('.plan .button.primary')
    for (const hash of ['#/health', '#/deliveries', '#/settings', '#/approvals', '#/recalls']) {
      await show(hash)
      expect(await page.textContent('main h1')).not.toBe('This page failed')
    }
    await show('#/messages/m3/revoke')
    await page.locator('.reason .chip').first().click()
    await page.waitForSelector('.dialog .digits input, .dialog .act[aria-disabled=false]')
    await quiet()
    const digits = page.locator('.digits input')
    if ((await digits.count()) > 0) await digits.fill((await page.textContent('output.check-number')) ?? '')
    await page.locator('.dialog .act').click()
    await page.waitForURL(/#\/recalls\/rcl_/)
    expect(complaints).toEqual([])
    await close()
  })

  it('shows what a role may not do, with the reason, and the API refuses it too', async () => {
    const { page, close, signIn } = await run.open()
    await signIn('viewer', '#/messages/m3')
    await page.waitForSelector('.plans')
    expect(await page.textContent('.plans')).toContain('Only an operator can')
    expect(await page.locator('.plan a.button').count()).toBe(0)
    expect(
      (await run.service.call('POST', '/v1/revoke', { message: 'm3', reason: 'x' }, { role: 'viewer' })).status,
    ).toBe(403)
    await close()
  })
})

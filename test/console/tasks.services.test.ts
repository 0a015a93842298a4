/** The tasks of docs/console.md as people do them, their steps counted: by mouse or by keys, at a desk and on a phone, in both languages. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { functions, type FunctionEntry, rightsOf, type Role } from '../../shared/functions.ts'
import { commandLine } from '../support/command-line.ts'
import { type ConsoleRun, type Opened, startConsole } from './browser.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
/** Of one person who asks, of nobody, and of somebody whose hour is spent on nothing else. */
const [twin, nobody, fresh] = [createApiKey().key, createApiKey().key, createApiKey().key]
const looks = [
  ['en', 1280],
  ['zh', 360],
  ...(soak
    ? ([
        ['zh', 1280],
        ['en', 360],
      ] as const)
    : []),
] as const

describe('the tasks of the console (Chromium)', () => {
  let run: ConsoleRun
  let next = 7_500_000
  beforeAll(async () => {
    run = await startConsole({
      dailyChecks: true,
      secrets: demo => {
        const access = demo['unpush/access'] as { readonly keys: readonly object[] }
        const key = (id: string, secret: string, more: object) => ({
          id,
          sha256: createHash('sha256').update(secret).digest('hex'),
          role: 'approver',
          apps: ['*'],
          ...more,
        })
        return {
          ...demo,
          'unpush/access': {
            keys: [
              ...access.keys,
              key('twin', twin, { person: 'li.wei' }),
              key('bare', nobody, {}),
              key('fresh', fresh, { role: 'operator', person: 'zhao.min' }),
            ],
          },
          'unpush/apps/news-ios': { ...(demo['unpush/apps/news-ios'] as object), secretKey: 'a'.repeat(32) },
          'unpush/policy': {
            approvalAbove: { revoke: 900_000, overlay: 10_000 },
            limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null },
          },
        }
      },
    })
  })
  afterAll(() => run.close())

  const push = (title: string) => {
    const pushId = String(next++)
    run.service.sandbox.pushTpns({ app: 'news-android', title, content: 'x', audience: 'all', pushId })
    return pushId
  }
  const message = async (title: string, audienceSize: number) => {
    const pushId = push(title)
    const targets = [{ app: 'news-android', pushId, audience: 'all', audienceSize }]
    const { status } = await run.service.call('POST', '/v1/messages', { id: `m-${pushId}`, title, body: 'x', targets })
    expect(status).toBe(201)
    return `m-${pushId}`
  }
  const read = async (id: string) => (await run.service.call('GET', `/v1/recalls/${id}`)).body
  const idIn = ({ page }: Opened) => /rcl_\w+/.exec(page.url())?.[0] ?? ''
  const counting = () => {
    let steps = 0
    const step = async (act: () => Promise<unknown>) => {
      steps++
      await act()
    }
    return { step, steps: () => steps }
  }
  const typeDigits = async ({ page, quiet }: Opened) => {
    const check = await page.textContent('output.check-number')
    // with a new plan the field is emptied
    await quiet()
    await page.fill('.digits input', check ?? '')
  }
  const waiting = async (title: string) => {
    const asked = { message: await message(title, 20_000), reason: 'r', overlay: { title: 'Correction', body: 'b' } }
    const { body } = await run.service.call('POST', '/v1/overlay', asked)
    expect(body.state).toBe('pending_approval')
    return body.id as string
  }

  it('tells why a recall is blocked, since when, when it goes on and what helps, one step from the list', async () => {
    const { service } = run
    const tokens = service.sandbox.harmonyTokens('tablet')
    await service.call('POST', '/v1/messages', {
      id: 'h1',
      title: 'h',
      targets: [{ app: 'news-harmony', notifyId: 71, tokens }],
    })
    service.sandbox.switches['pushKit'].failure = 'http503'
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { message: 'h1', reason: 'r' },
      { role: null, headers: { authorization: `Bearer ${fresh}`, prefer: 'wait=3' } },
    )
    expect(body).toMatchObject({ state: 'running', operation: 'revoke' })
    const at = await run.open()
    await at.signIn('viewer', '#/recalls')
    await at.page.locator(`a[href="#/recalls/${body.id}"]`).click()
    const time = String.raw`(\d\d-\d\d )?\d\d:\d\d:\d\d`
    const told = new RegExp(`Blocked by .* since ${time}.*it goes on alone.*Next try ${time}`)
    // while a try is under way, no next one is known
    await expect.poll(() => at.page.textContent('.main-column .notice.warn')).toMatch(told)
    service.sandbox.switches['pushKit'].failure = null
    await at.close()
  })

  it.each(looks)(
    'the whole of it: found by the vendor’s id, asked for, approved, watched, proved (%s, %d px)',
    async (language, width) => {
      const words = language === 'zh' ? 1 : 0
      const pushId = push('Flash sale')
      const asking = await run.open({ language, width })
      await asking.signIn('operator')
      await asking.quiet()
      const find = counting()
      await find.step(() => asking.page.fill('#search', pushId))
      await find.step(() =>
        asking.page.getByText(['Take back in news-android', '在 news-android 中回撤'][words] ?? '').click(),
      )
      await find.step(() => asking.page.locator('.reason .chip').first().click())
      await find.step(() => typeDigits(asking))
      await find.step(() => asking.page.locator('.dialog .act').click())
      await asking.page.waitForURL(/#\/recalls\/rcl_/)
      // four, and the digits, since such a reach is assumed
      expect(find.steps()).toBeLessThanOrEqual(5)
      const id = idIn(asking)

      const deciding = await run.open({ language, width })
      const decide = counting()
      await deciding.page.goto(`${run.service.url}/?lang=${language}#/recalls/${id}`)
      await decide.step(() => deciding.page.fill('input[name=key]', run.service.keys.approver))
      await decide.step(() => deciding.page.press('input[name=key]', 'Enter'))
      await decide.step(() => deciding.page.click(`#approve-${id}`))
      await decide.step(() => deciding.page.locator('.dialog .act').click())
      expect(decide.steps()).toBeLessThanOrEqual(4)
      await deciding.page.waitForSelector('.recall-targets')

      // nothing has to be pressed for it
      await asking.page.waitForSelector('.page-head .mark.ok')
      await asking.page.locator('.timeline', { hasText: 'wang.fang' }).waitFor()
      await run.service.gateway.runtime.sealer.now()
      const prove = counting()
      const downloading = asking.page.waitForEvent('download')
      await prove.step(() => asking.page.getByText(['Evidence', '证据文件'][words] ?? '').click())
      const file = await (await downloading).path()
      expect(prove.steps()).toBeLessThanOrEqual(2)
      const variables = { UNPUSH_URL: run.service.url, UNPUSH_KEY: run.service.keys.admin }
      const verified = await commandLine(['audit', '--verify', file], { variables })
      expect([verified.exit, verified.err]).toEqual([0, expect.anything()])

      const auditing = await run.open({ language, width })
      await auditing.signIn('admin', '#/audit')
      await auditing.page.getByText(['Check here', '在此校验'][words] ?? '').click()
      await auditing.page
        .getByText(['follow from each other (checked here)', '前后相承（已在此校验）'][words] ?? '')
        .waitFor()
      expect([asking, deciding, auditing].flatMap(({ complaints }) => complaints)).toEqual([])
      await Promise.all([asking, deciding, auditing].map(({ close }) => close()))
    },
  )

  it('shows a credential that the vendor refuses in the header of every page, and doctor ends with 10', async () => {
    await run.service.gateway.fire('sweep')
    const at = await run.open()
    await at.signIn('viewer', '#/settings')
    await at.page.waitForSelector('.places .bad [role=img]')
    await at.show('#/health')
    expect(await at.page.textContent('.notice.bad')).toContain('news-ios')
    const code = (
      (await run.service.call('GET', '/v1/health')).body.apps as { app: string; credential: { code: string } }[]
    ).find(({ app }) => app === 'news-ios')?.credential.code
    const doctor = await commandLine(['doctor'], {
      variables: { UNPUSH_URL: run.service.url, UNPUSH_KEY: run.service.keys.viewer },
    })
    expect(doctor.exit).toBe(10)
    for (const word of ['news-ios', String(code)]) expect(doctor.out).toContain(word)
    await at.close()
  })

  it('is done by keys alone, what has the focus is seen, and Enter in the middle of a composed word sends nothing', async () => {
    await message('by keys', 300)
    const at = await run.open()
    const { page } = at
    const seen = async () => {
      const focus = await page.evaluate<{ name: string; outline: number; covered: boolean }>(`(() => {
        const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one)
        const over = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20))
        return { name: one.outerHTML.slice(0, 90), outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
          covered: over === null || !(one.contains(over) || over.contains(one) || one.labels?.[0]?.contains(over)) }
      })()`)
      expect(focus.outline, focus.name).toBeGreaterThanOrEqual(2)
      expect(focus.covered, focus.name).toBe(false)
    }
    await page.goto(`${run.service.url}/?lang=en`)
    await page.waitForSelector('input[name=key]:focus')
    await page.keyboard.type(run.service.keys.operator)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.row-link')
    await at.quiet()
    // every stop on the way through the page, which ends: nothing keeps the focus
    const stops = async (most: number) => {
      await page.evaluate("document.querySelector('.skip').focus()")
      for (let stop = 0; stop < most; stop++) {
        await page.keyboard.press('Tab')
        if (await page.evaluate<boolean>('document.activeElement === document.body')) return stop
        await seen()
      }
      return most
    }
    expect(await stops(soak ? 400 : 24)).toBeGreaterThanOrEqual(24)
    if (soak)
      for (const place of [
        'recalls',
        'approvals',
        'verdicts',
        'deliveries',
        'capabilities',
        'health',
        'settings',
        'new',
      ]) {
        await at.show(`#/${place}`)
        // a page is opened with its heading in focus, a moment after it is drawn
        await page.waitForSelector('main h1:focus')
        const count = await stops(400)
        expect(count, place).toBeGreaterThan(10)
        expect(count, place).toBeLessThan(400)
      }
    // whoever goes to a field in the first moment of a page stays in it
    for (const place of ['recalls', 'messages']) {
      await page.evaluate<void>(`(async () => {
        const heading = () => document.querySelector('main h1')?.textContent
        const frame = () => new Promise(requestAnimationFrame)
        const before = heading()
        location.hash = '#/${place}'
        while (heading() === before || document.getElementById('search') === null) await frame()
        document.getElementById('search').focus()
      })()`)
      // longer than the heading takes to have it
      await page.waitForTimeout(300)
      expect(await page.evaluate<string>('document.activeElement.id'), place).toBe('search')
    }
    await at.show('#/messages')
    await page.evaluate('document.activeElement.blur()')
    await page.keyboard.press('r')
    await page.waitForSelector('.effect-cards')
    await seen()
    await page.keyboard.press('Tab')
    // an input method at work
    const session = await at.context.newCDPSession(page)
    await page.locator('input[name=reason]').focus()
    for (let word = 0; word < 10; word++) {
      await session.send('Input.imeSetComposition', { text: '链', selectionStart: 1, selectionEnd: 1 })
      await page.keyboard.press('Enter')
    }
    await session.send('Input.insertText', { text: '链接' })
    expect(page.url()).toContain('/revoke')
    await page.keyboard.press('Shift+Tab')
    await seen()
    await page.waitForSelector('.dialog .act[aria-disabled=false]')
    await page.keyboard.press('Control+Enter')
    await page.waitForURL(/#\/recalls\/rcl_/)
    expect(at.complaints).toEqual([])
    await at.close()
  })

  it('asks for other digits where the plan became another one meanwhile, and two tabs are one recall', async () => {
    const id = await message('grows', 200_000)
    const [one, other] = [await run.open(), await run.open()]
    for (const at of [one, other]) {
      await at.signIn('operator', `#/messages/${id}/revoke`)
      await at.page.locator('.reason .chip').first().click()
      await at.page.waitForSelector('output.check-number')
      await typeDigits(at)
    }
    const before = await one.page.textContent('output.check-number')
    const target = { app: 'news-android', pushId: push('more'), audience: 'all', audienceSize: 300_000 }
    expect((await run.service.call('PATCH', `/v1/messages/${id}`, { targets: [target] })).status).toBe(200)
    for (const at of [one, other]) {
      await at.page.locator('.dialog .act').click()
      await at.page.getByText('The plan is another by now').waitFor()
      await expect.poll(() => at.page.inputValue('.digits input')).toBe('')
      expect(await at.page.textContent('output.check-number')).not.toBe(before)
      expect(await at.page.locator('.dialog .act').getAttribute('aria-disabled')).toBe('true')
      expect(at.complaints).toEqual([])
      await typeDigits(at)
    }
    const recalls = async () => (await run.service.call('GET', `/v1/recalls?message=${id}`)).body.items
    expect(await recalls()).toEqual([])
    await Promise.all([one, other].map(async ({ page }) => page.locator('.dialog .act').dblclick()))
    await Promise.all([one, other].map(async ({ page }) => page.waitForURL(/#\/recalls\/rcl_/)))
    expect((await recalls()).length).toBe(1)
    expect(idIn(one)).toBe(idIn(other))
    await Promise.all([one.close(), other.close()])
  })

  it('sends once what was cut off, wherever that was', async () => {
    const at = await run.open()
    await at.signIn('operator')
    const cuts = fc.array(fc.constantFrom('before', 'after'), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(cuts, async ways => {
        const id = await message('cut', 300)
        await at.show(`#/messages/${id}/stop`)
        await at.page.locator('.reason .chip').first().click()
        await at.page.waitForSelector('.dialog .act[aria-disabled=false]')
        const left = [...ways]
        await at.page.route('**/v1/stop', async route => {
          const way = left.shift()
          if (way === undefined) return route.continue()
          if (way === 'after') await route.fetch()
          return route.abort()
        })
        for (const _ of ways) {
          await at.page.locator('.dialog .act').click()
          await at.page.getByText('It is not known whether it was taken').waitFor()
          await at.page.waitForSelector('.dialog .act[aria-disabled=false]')
        }
        await at.page.locator('.dialog .act').click()
        await at.page.waitForURL(/#\/recalls\/rcl_/)
        await at.page.unroute('**/v1/stop')
        expect((await run.service.call('GET', `/v1/recalls?message=${id}`)).body.items.length).toBe(1)
      }),
      { numRuns: soak ? 30 : 2 },
    )
    await at.close()
  })

  it('lets nobody decide who may not, says why, and calls no vendor before two persons agreed', async () => {
    const id = await waiting('two persons')
    const calls = async () =>
      ((await (await fetch(`${run.service.url}/_sandbox/calls`)).json()) as { items: { path: string }[] }).items.filter(
        ({ path }) => !path.includes('get_push_record'),
      ).length
    const before = await calls()
    const keys: readonly (readonly [string, string])[] = [
      [run.service.keys.operator, 'Who asked cannot approve'],
      [twin, 'Who asked cannot approve'],
      [nobody, 'This key names no person'],
      [run.service.keys.viewer, 'Only an approver can'],
    ]
    for (const [key, why] of keys) {
      const at = await run.open()
      await at.page.goto(`${run.service.url}/?lang=en#/recalls/${id}`)
      await at.page.fill('input[name=key]', key)
      await at.page.press('input[name=key]', 'Enter')
      await at.page.waitForSelector('.approval')
      expect(await at.page.textContent('.approval-foot')).toContain(why)
      expect(await at.page.locator(`#approve-${id}, #decline-${id}`).count()).toBe(0)
      // nor by the address of the dialog, nor past the page
      await at.show(`#/recalls/${id}/approve`)
      expect(await at.page.locator('dialog[open]').count()).toBe(0)
      const forced = await fetch(`${run.service.url}/v1/recalls/${id}/approve`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
      })
      expect(forced.status).toBe(403)
      await at.close()
    }
    const at = await run.open()
    await at.signIn('approver', `#/recalls/${id}`)
    await at.page.waitForSelector(`#approve-${id}`)
    // what it reads is not what is there any more
    at.answer((path, body) => {
      const recall = body as { readonly approval?: object }
      return {
        body: path === `/v1/recalls/${id}` ? { ...recall, approval: { ...recall.approval, digest: 'other' } } : body,
      }
    })
    await at.show('#/approvals')
    await at.show(`#/recalls/${id}`)
    await at.page.click(`#approve-${id}`)
    await at.page.locator('.dialog .act').click()
    await at.page.waitForSelector('.dialog .notice.bad')
    expect((await read(id)).state).toBe('pending_approval')
    // somebody else was there before, and the page has not heard of it
    let kept: unknown = null
    at.answer((path, body) => ({ body: path === `/v1/recalls/${id}` ? (kept ??= body) : body }))
    await at.show('#/approvals')
    await at.show(`#/recalls/${id}`)
    await at.page.click(`#approve-${id}`)
    await run.service.call('POST', `/v1/recalls/${id}/cancel`)
    await at.page.locator('.dialog .act').click()
    await at.page.waitForSelector('.dialog .notice.bad')
    expect((await read(id)).state).toBe('cancelled')
    expect(await calls()).toBe(before)
    at.answer((path, body) => {
      const recall = body as { readonly approval?: object }
      return {
        body:
          path === `/v1/recalls/${id}`
            ? { ...recall, state: 'expired', approval: { ...recall.approval, state: 'expired' } }
            : body,
      }
    })
    await at.show('#/approvals')
    await at.show(`#/recalls/${id}`)
    expect(await at.page.textContent('.page-head')).toContain('Nobody approved in time')
    expect(at.complaints).toEqual([])
    await at.close()
  })

  it('stops meanwhile, from the page of what waits', async () => {
    const id = await waiting('meanwhile')
    const at = await run.open()
    await at.signIn('operator', `#/recalls/${id}`)
    await at.page.click('#act-meanwhile')
    await at.page.fill('.dialog input[name=reason]', 'not yet everywhere')
    await at.page.locator('.dialog .act').click()
    await at.page.waitForSelector('.main-column .notice a[href^="#/recalls/rcl_"]')
    const { state, meanwhile } = await read(id)
    expect(state).toBe('pending_approval')
    expect(await at.page.getAttribute('.main-column .notice a[href^="#/recalls/rcl_"]', 'href')).toBe(
      `#/recalls/${meanwhile.recall}`,
    )
    expect((await read(meanwhile.recall)).operation).toBe('stop')
    await at.close()
  })

  it('offers each role its acts and no others, with the reason beside what it may not, and the API refuses those, too', async () => {
    const id = await waiting('roles')
    const first = await message('roles', 300)
    const acts: readonly {
      readonly hash: string
      readonly act: string
      readonly right: string
      readonly why: RegExp
    }[] = [
      { hash: '#/messages', act: '.verbs a.revoke', right: 'operate', why: /^$/ },
      { hash: `#/messages/${first}`, act: '.plan a.button', right: 'operate', why: /Only an operator can/ },
      {
        hash: `#/recalls/${id}`,
        act: `#approve-${id}`,
        right: 'decide',
        why: /Only an approver can|Who asked cannot approve/,
      },
      { hash: `#/recalls/${id}`, act: '#act-cancel', right: 'operate', why: /Only an operator can/ },
      {
        hash: '#/health',
        act: 'button:has-text("Check now"):not(.off)',
        right: 'operate',
        why: /Only an operator can/,
      },
      { hash: '#/audit', act: 'button:has-text("Check here")', right: 'audit', why: /Only the role admin reads this/ },
    ]
    for (const role of ['viewer', 'operator', 'approver', 'admin', 'sender'] as const) {
      const at = await run.open()
      await at.signIn(role)
      const rights: readonly string[] = rightsOf[role]
      for (const { hash, act, right, why } of acts) {
        await at.show(hash)
        const offered = await at.page.locator(act).count()
        expect(offered > 0, `${role} ${hash} ${act}`).toBe(rights.includes(right))
        if (offered > 0 || why.source === '^$') continue
        const told = role === 'sender' ? /This key registers messages/ : why
        expect(await at.page.textContent('main'), `${role} ${hash}`).toMatch(told)
      }
      expect(at.complaints).toEqual([])
      await at.close()
      await expectRefusals(role, rights, id, first)
    }
  })

  const expectRefusals = async (role: Role, rights: readonly string[], recall: string, of: string) => {
    for (const { routes } of Object.values(functions) as readonly FunctionEntry[])
      for (const { method, path, right } of routes) {
        if (right === null || rights.includes(right)) continue
        const known = { '/v1/recalls': recall, '/v1/messages': of }
        const id = Object.entries(known).find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'x'
        const { status } = await run.service.call(
          method,
          path.replace(/\{\w+\}/, id),
          method === 'GET' ? undefined : {},
          { role },
        )
        expect(status, `${role} ${method} ${path}`).toBe(403)
      }
  }
})

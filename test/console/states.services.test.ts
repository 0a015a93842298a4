/** Every page in every state that is not well: without an answer, refused, old, and of a service that is newer by a version. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemWords } from '../../dashboard/words/terms.ts'
import { asksWho, type ConsoleRun, type Edit, type Opened, startConsole } from './browser.ts'
import { everyDialog, everyPage, type PageOf, replaced } from './every-page.ts'
import { fillWorld, type World, worldSecrets } from './world.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'

const problem = (slug: keyof typeof problemWords, status: number, headers = {}): Edit => {
  const type = `https://unpush.dev/problems/${slug}`
  return () => ({
    status,
    headers,
    body: { type, title: 'x', status, detail: 'told by who knows', requestId: 'req_9' },
  })
}
/** What befalls an answer, and the words for it in English and Chinese. */
const faults: { readonly [name: string]: { readonly edit: Edit; readonly words: readonly [string, string] } } = {
  'no answer': { edit: () => null, words: ['No answer came', '未收到应答'] },
  forbidden: { edit: problem('forbidden', 403), words: problemWords.forbidden },
  'not there': { edit: problem('not-found', 404), words: problemWords['not-found'] },
  'too many': {
    edit: problem('too-many-requests', 429, { 'retry-after': '40' }),
    words: problemWords['too-many-requests'],
  },
  defect: { edit: problem('internal', 500), words: problemWords.internal },
  away: { edit: problem('unavailable', 503), words: problemWords.unavailable },
  'a gateway’s page': { edit: () => ({ text: '<html>502', status: 502 }), words: problemWords.unavailable },
  'half an answer': {
    edit: () => ({ text: '{"items":[', status: 200 }),
    words: ['An answer that this console cannot read', '控制台无法解读此应答'],
  },
}

describe('every page (Chromium)', () => {
  let run: ConsoleRun
  let world: World
  let opened: { readonly [L in 'en' | 'zh']: Opened }
  beforeAll(async () => {
    run = await startConsole({ secrets: worldSecrets })
    world = await fillWorld(run.service, { rows: 16 })
    const [en, zh] = [await run.open(), await run.open({ language: 'zh', width: 360 })]
    await Promise.all([en.signIn('operator'), zh.signIn('operator')])
    opened = { en, zh }
  })
  afterAll(() => run.close())

  const pages = () => everyPage(world)
  const main = async ({ page }: Opened) => (await page.textContent('body')) ?? ''
  const drawn = async ({ page, complaints }: Opened, what: string) => {
    const heading = (await page.textContent('main h1')) ?? ''
    expect(heading.trim(), what).not.toBe('')
    expect(heading, what).not.toMatch(/This page failed|此页面出错/)
    expect(complaints, what).toEqual([])
  }

  const cases = () =>
    pages().flatMap(page =>
      Object.keys(faults).flatMap(fault => (['en', 'zh'] as const).map(language => ({ page, fault, language }))),
    )
  const eachCase = async (each: (one: ReturnType<typeof cases>[number]) => Promise<void>, short: number) => {
    const all = cases()
    if (soak) for (const one of all) await each(one)
    else await fc.assert(fc.asyncProperty(fc.constantFrom(...all), each), { numRuns: short })
  }

  it('says what it is where the first answer does not come, under its own heading', async () => {
    expect(cases().length).toBeGreaterThan(200)
    await eachCase(async ({ page, fault, language }) => {
      const at = opened[language]
      const told = faults[fault]
      at.answer(told?.edit ?? null)
      await at.show('#/none')
      await at.show(page.hash)
      await drawn(at, `${page.name}, ${fault}`)
      if (page.bare !== true)
        await expect
          .poll(() => main(at), { message: `${page.name}, ${fault}` })
          .toContain(told?.words[language === 'zh' ? 1 : 0])
      at.answer(null)
    }, 10)
  })

  it('keeps what it has where a later answer does not come, and says as of when', async () => {
    await eachCase(async ({ page, fault, language }) => {
      const at = opened[language]
      at.answer(null)
      await at.show('#/none')
      await at.show(page.hash)
      const rows = await at.page.locator('main tr, main .card, main dd').count()
      at.answer(faults[fault]?.edit ?? null)
      await at.page.evaluate('document.activeElement?.blur()')
      await at.page.keyboard.press('.')
      await at.quiet()
      await drawn(at, `${page.name}, ${fault}`)
      expect(await at.page.locator('main tr, main .card, main dd').count(), `${page.name}, ${fault}`).toBe(rows)
      if (page.bare !== true) {
        const bar = (await at.page.textContent('.stale')) ?? ''
        expect(bar, `${page.name}, ${fault}`).toMatch(
          language === 'zh' ? /截至 (\d\d-\d\d )?\d\d:\d\d:\d\d/ : /as of (\d\d-\d\d )?\d\d:\d\d:\d\d/,
        )
      }
      at.answer(null)
    }, 8)
  })

  it('lies under the lock where the credential ends, whichever page it is, and is there again afterwards', async () => {
    const at = opened.en
    const check = async (page: PageOf) => {
      at.answer(null)
      await at.show(page.hash)
      at.answer(problem('unauthorized', 401))
      await at.page.evaluate('document.activeElement?.blur()')
      await at.page.keyboard.press('.')
      await at.page.waitForSelector('dialog.lock')
      at.answer(null)
      await at.page.fill('dialog.lock input[name=key]', run.service.keys.operator)
      await at.page.press('dialog.lock input[name=key]', 'Enter')
      await at.page.waitForSelector('dialog.lock', { state: 'detached' })
      expect(await at.page.evaluate<string>('location.hash')).toBe(page.hash)
    }
    const some = pages().filter(({ bare }) => bare !== true)
    if (soak) for (const page of some) await check(page)
    else await fc.assert(fc.asyncProperty(fc.constantFrom(...some), check), { numRuns: 3 })
  })

  it('draws what it knows of a service that is newer: words, members and kinds that nobody told it of', async () => {
    // members whose values are of a list that grows
    const kinds =
      /^(state|operation|requested|effect|basis|by|because|kind|outcome|decision|verdict|action|source|tier|provider|channel|call|status|code|origin|type|name|roles|rights|audience)$/
    const places = [...pages(), ...everyDialog(world)]
    const newer = fc.record({
      page: fc.constantFrom(...places),
      language: fc.constantFrom('en' as const, 'zh' as const),
      which: fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 1, maxLength: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(newer, async ({ page, language, which }) => {
        const at = opened[language]
        at.answer((path, body) => {
          if (asksWho(path)) return { body }
          let count = 0
          const edited = replaced(body, name =>
            kinds.test(name) && which.includes(count++ % 61) ? 'unheard-of' : null,
          )
          return { body: Array.isArray(edited) ? edited : { ...(edited as object), brandNew: { of: ['tomorrow'] } } }
        })
        await at.show('#/none')
        await at.show(page.hash)
        await drawn(at, `${page.name} ${JSON.stringify(which)}`)
        at.answer(null)
      }),
      { numRuns: soak ? 400 : 14 },
    )
  })

  it('draws what it knows of a service that is older: any member may be missing that pages can do without', async () => {
    const places = [...pages(), ...everyDialog(world)]
    const older = fc.record({
      page: fc.constantFrom(...places),
      language: fc.constantFrom('en' as const, 'zh' as const),
      which: fc.uniqueArray(fc.nat({ max: 80 }), { minLength: 1, maxLength: 30 }),
    })
    await fc.assert(
      fc.asyncProperty(older, async ({ page, language, which }) => {
        const at = opened[language]
        const names: string[] = []
        at.answer((_, body) => ({
          body: without(body, name => {
            if (core.test(name)) return false
            if (!names.includes(name)) names.push(name)
            return which.includes(names.indexOf(name))
          }),
        }))
        await at.show('#/none')
        await at.show(page.hash)
        await drawn(at, `${page.name} without ${which.map(place => names[place]).join(' ')}`)
        at.answer(null)
      }),
      { numRuns: soak ? 400 : 14 },
    )
  })

  it('says that the service is of another version, once, and which', async () => {
    const at = await run.open()
    const ofVersion = (version: string | undefined) =>
      at.answer((path, body) => ({
        body: path.startsWith('/v1/summary') ? { ...(body as object), version } : body,
      }))
    const note = async () => {
      // a document of its own each time, since what was closed stays closed
      await at.page.goto('about:blank')
      await at.signIn('operator')
      await at.quiet()
      return at.page.locator('.version-note').allTextContents()
    }
    ofVersion('99.0.0')
    expect((await note()).join()).toMatch(/version 99\.0\.0, newer than this page/)
    await at.page.locator('.version-note').getByText('Close').click()
    await at.page.locator('.version-note').waitFor({ state: 'detached' })
    ofVersion('0.0.1')
    expect((await note()).join()).toMatch(/version 0\.0\.1, older than this page/)
    ofVersion(undefined)
    expect((await note()).join()).toContain('does not tell its version')
    at.answer(null)
    expect(await note()).toEqual([])
    expect(at.complaints).toEqual([])
    await at.close()
  })

  it('says why there is no plan, and awaits none then', async () => {
    const { en } = opened
    en.answer(null)
    await en.show('#/none')
    await en.go('#/new/revoke?content=nobody-has-it')
    await en.page.waitForSelector('.dialog .notice.bad')
    expect(await en.page.locator('.dialog .skeleton').count()).toBe(0)
  })

  it('offers the running recall where another one has it, and apart from that to take its place', async () => {
    const at = await run.open()
    const { page } = at
    await at.signIn('operator', `#/messages/${world.messages.plain}/stop`)
    await page.locator('.reason .chip').first().click()
    // somebody else was there before
    const wanted = { message: world.messages.plain, reason: 'rumour' }
    run.service.sandbox.switches.tpns.failure = 'http503'
    const first = (await run.service.call('POST', '/v1/revoke', wanted)).body.id
    await page.locator('.dialog .act').click()
    await page.waitForSelector('.dialog .notice.warn')
    const link = page.locator('.dialog .notice.warn a.link').first()
    expect(await link.getAttribute('href')).toBe(`#/recalls/${first}`)
    await page.getByText('Replace it').click()
    await at.quiet()
    await page.waitForSelector('.dialog .act[aria-disabled=false]')
    run.service.sandbox.switches.tpns.failure = null
    await page.locator('.dialog .act').click()
    await page.waitForURL(/#\/recalls\/rcl_/)
    expect(page.url()).not.toContain(first)
    expect(at.complaints).toEqual([])
    await at.close()
  })
})

/** Without these nothing can be shown: what there is, of which app, and how it stands. */
const core = /^(id|items|state|app|apps|targets|operation|seq|hash|at|devices)$/

/** The answer without the members that `gone` names, wherever they stand. */
function without(body: unknown, gone: (name: string) => boolean): unknown {
  if (Array.isArray(body)) return body.map(one => without(one, gone))
  if (typeof body !== 'object' || body === null) return body
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (gone(name) ? [] : [[name, without(value, gone)]])),
  )
}

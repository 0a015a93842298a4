/** Who cannot see well, has no mouse, a narrow screen or another language: every page as axe, a ruler and a reader find it. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dishonest } from '../support/honest-words.ts'
import type { Page } from 'playwright-core'
import { asksWho, type ConsoleRun, type Opened, startConsole } from './browser.ts'
import { everyDialog, everyPage, replaced } from './every-page.ts'
import { fillWorld, type World, worldSecrets } from './world.ts'

interface Told {
  readonly data: { readonly messageKey?: string } | null
}
interface Found {
  readonly id: string
  readonly nodes: readonly {
    readonly html: string
    readonly failureSummary: string
    readonly target: readonly string[]
    readonly any: readonly Told[]
    readonly all: readonly Told[]
    readonly none: readonly Told[]
  }[]
}

/** Where axe cannot tell, and why that is no fault. */
async function isRead(page: Page, id: string, target: string, told: readonly string[]): Promise<boolean> {
  const lies = (inside: string) =>
    page.evaluate<boolean>(
      `document.querySelector(${JSON.stringify(target)})?.closest(${JSON.stringify(inside)}) != null`,
    )
  const dialog = (await page.locator('dialog[open]').count()) > 0
  // beneath an open dialog nothing can be read or pressed
  if (dialog && !(await lies('dialog[open]'))) return true
  if (id === 'color-contrast') {
    // the drawn phone has a gradient behind it; its colours are held in parts.test.ts
    if (told.includes('bgGradient')) return lies('.phone, .before-after')
    // the line down a timeline is drawn beside its text
    if (told.includes('pseudoContent')) return lies('.timeline')
    // one sign has no shape to be told by; marks and letters of keys are beside words
    if (told.includes('shortTextContent')) return true
    // what scrolls beneath a bar that sticks
    return told.includes('elmPartiallyObscured') || told.includes('bgOverlap') || told.includes('elmPartiallyObscuring')
  }
  return id === 'target-size' && told.some(key => /obscur|partially/i.test(key))
}

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const looks = (['en', 'zh'] as const).flatMap(language =>
  (['light', 'dark'] as const).map(scheme => ({ language, scheme })),
)

describe('the console for everybody (Chromium)', () => {
  let run: ConsoleRun
  let world: World
  let axe = ''
  beforeAll(async () => {
    run = await startConsole({ secrets: worldSecrets })
    world = await fillWorld(run.service, { rows: 16 })
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  })
  afterAll(() => run.close())

  const places = () => [...everyPage(world), ...everyDialog(world)]
  /** The short form: every other place in one language, the rest in the other. */
  const half = (language: 'en' | 'zh') =>
    places().filter((_, index) => soak || index % 2 === (language === 'en' ? 0 : 1))
  const refused = {
    type: 'https://unpush.dev/problems/forbidden',
    title: 'x',
    status: 403,
    detail: 'x',
    requestId: 'r',
  }
  /** As it is; without what it asks for; with nothing in its lists. */
  const states = {
    whole: null,
    failed: (path: string, body: unknown) => (asksWho(path) ? { body } : { status: 403, body: refused }),
    empty: (_: string, body: unknown) => ({ body: emptied(body) }),
  }
  type State = keyof typeof states

  const faultsOf = async ({ page }: Opened, what: string): Promise<string[]> => {
    // what rises into view has another contrast meanwhile
    await page.evaluate('Promise.all(document.getAnimations().map(({ finished }) => finished))')
    await page.evaluate(axe)
    const { violations, incomplete } = await page.evaluate<{ violations: Found[]; incomplete: Found[] }>(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })",
    )
    // each that axe cannot tell is read here: what is not one of these is a fault
    const unread: Found[] = []
    for (const { id, nodes } of incomplete)
      for (const node of nodes) {
        const told = [...node.any, ...node.all, ...node.none].map(({ data }) => data?.messageKey ?? '')
        if (!(await isRead(page, id, node.target.join(' '), told)))
          unread.push({ id: `${id} (${told.join()})`, nodes: [node] })
      }
    return [...violations, ...unread].map(
      ({ id, nodes }) => `${what} ${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary.slice(0, 200)}`,
    )
  }

  // the short form: each page in one of its states and one of the four looks
  it.each(looks)('has no fault that axe finds (%o)', async look => {
    const at = await run.open({ ...look, bypassCSP: true })
    await at.signIn('operator')
    const faults: string[] = []
    const all = places().flatMap((page, index) =>
      (Object.keys(states) as State[]).map((state, turn) => ({ page, state, turn: index + turn * 5 })),
    )
    const mine = soak ? all : all.filter(({ turn }) => turn % 12 === looks.indexOf(look) * 3)
    expect(mine.length).toBeGreaterThan(3)
    for (const { page, state } of mine) {
      at.answer(states[state])
      await at.show('#/none')
      await at.show(page.hash)
      faults.push(...(await faultsOf(at, `${page.name}, ${state}`)))
    }
    expect(faults).toEqual([])
    await at.close()
  })

  it.each(['en', 'zh'] as const)('fits 320 px, and every target is large enough for a finger (%s)', async language => {
    const at = await run.open({ language, width: 320 })
    await at.signIn('operator')
    const faults: string[] = []
    for (const { name, hash } of half(language)) {
      await at.show(hash)
      const over = await at.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      if (over > 0) faults.push(`${name} is ${over} px too wide`)
      const low = await at.page.evaluate<string[]>(`[...document.querySelectorAll('a, button, input, select, summary')]
        .filter(one => one.checkVisibility() && !one.matches('.only-read, .skip'))
        .filter(one => {
          const box = one.getBoundingClientRect(), least = one.matches('.action-bar .button, .dialog-foot .button') ? 44 : 24
          // within a sentence it is as high as its line
          const inline = getComputedStyle(one).display.startsWith('inline') && !one.matches('.button, .chip, input, select')
          return box.width > 0 && !inline && (box.height < least || box.width < 24) && !(one.matches('input[type=checkbox]') && one.closest('label, td') !== null)
        }).map(one => one.outerHTML.slice(0, 120))`)
      faults.push(...low.map(html => `${name} ${html}`))
    }
    expect(faults).toEqual([])
    await at.close()
  })

  it('fits its header at any width, whatever the language and the numbers in it', async () => {
    for (const language of ['en', 'zh'] as const) {
      const at = await run.open({ language })
      await at.signIn('operator')
      for (let width = 320; width <= 1460; width += soak ? 20 : 190) {
        await at.page.setViewportSize({ width, height: 700 })
        await expect
          .poll(() => at.page.evaluate<number>('document.documentElement.scrollWidth'), {
            message: `${language} ${width}`,
          })
          .toBe(width)
        await at.quiet()
        const shown = await at.page
          .locator('.places, .menu')
          .evaluateAll(all => all.filter(one => one.checkVisibility()).length)
        expect(shown, `${language} ${width}`).toBe(1)
        const under = await at.page.locator('.top').evaluate(
          bar =>
            [...bar.children]
              .filter(one => one.checkVisibility())
              // what stands in it may reach out of it
              .map(
                one => [one.getBoundingClientRect().left, one.getBoundingClientRect().left + one.scrollWidth] as const,
              )
              .filter(([left], place, all) => place > 0 && left < (all[place - 1]?.[1] ?? 0) - 1).length,
        )
        expect(under, `${language} ${width}`).toBe(0)
      }
      await at.close()
    }
  })

  it('keeps still where motion is not wanted, is another one in the dark, and says its marks in words without colours', async () => {
    const at = await run.open()
    await at.signIn('operator')
    const some = places().filter((_, index) => soak || index % 5 === 0)
    for (const { name, hash } of some) {
      await at.page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'none', colorScheme: 'light' })
      await at.show(hash)
      const moving = await at.page.evaluate<number>(
        "document.getAnimations().length + [...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration.split(', ').some(time => parseFloat(time) > 0.001)).length",
      )
      expect(moving, name).toBe(0)
      const light = await at.page.screenshot()
      await at.page.emulateMedia({ colorScheme: 'dark' })
      expect((await at.page.screenshot()).equals(light), name).toBe(false)
      await at.page.emulateMedia({ forcedColors: 'active' })
      const wordless = await at.page.evaluate<string[]>(
        "[...document.querySelectorAll('.mark, .effect')].filter(one => one.querySelector('svg') === null || one.textContent.trim() === '').map(one => one.outerHTML)",
      )
      expect(wordless, name).toEqual([])
    }
    await at.close()
  })

  it.each(['en', 'zh'] as const)(
    'says nothing in the other language, and nothing that no vendor confirms (%s)',
    async language => {
      const at = await run.open({ language })
      await at.signIn('operator')
      const faults: string[] = []
      for (const { name, hash } of half(language)) {
        await at.show(hash)
        // what others wrote, ids and names of things are in no language; all that is folded counts
        const texts = await at.page.evaluate<string[]>(`(() => {
        document.querySelectorAll('details').forEach(one => (one.open = true))
        const found = [], walker = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT)
        while (walker.nextNode()) {
          const { parentElement: parent, data } = walker.currentNode
          if (parent.closest('code, pre, kbd, .phone, s, a.out, .quiet[lang], option')) continue
          if (parent.closest('bdi') && !parent.closest('bdi.own')) continue
          if (data.trim() !== '') found.push(data.trim())
        }
        return found
      })()`)
        for (const text of texts) {
          if (dishonest.test(text)) faults.push(`${name} claims: ${text}`)
          const foreign = language === 'zh' ? /[A-Za-z]{2,}(?:[ ,]+[a-z]{2,}){2,}/ : /\p{sc=Han}{2,}/u
          if (foreign.test(text)) faults.push(`${name}: ${text}`)
        }
      }
      expect([...new Set(faults)]).toEqual([])
      await at.close()
    },
  )
})

/** Every list without its items. */
function emptied(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  return 'items' in body ? { ...body, items: [], nextCursor: null } : replaced(body, () => null)
}

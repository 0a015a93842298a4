/** Text of others on every page: shown as it is, run nowhere, a link only where it leads to the web, and neighbours stay where they are. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { piecesOf } from '../../dashboard/console/text.ts'
import { asksWho, type ConsoleRun, startConsole } from './browser.ts'
import { everyDialog, everyPage, replaced } from './every-page.ts'
import { fillWorld, type World, worldSecrets } from './world.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'

const markup = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<iframe src="javascript:alert(1)">',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<body onload=alert(1)>',
  '<link rel=stylesheet href=//x.example/x.css>',
  '<base href=//x.example/>',
  '<meta http-equiv=refresh content="0;url=//x.example">',
  '<form action=//x.example><input autofocus onfocus=alert(1)>',
  '<object data=//x.example/x></object>',
  '<embed src=//x.example/x>',
  '<video src=//x.example/x onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<style>@import "//x.example/x";*{background:url(//x.example/y)}</style>',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '--><script>alert(1)</script><!--',
  ']]><script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  "';alert(1);//",
  '${alert(1)}',
  '{{constructor.constructor("alert(1)")()}}',
  '#{alert(1)}',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)',
  '\\u003cscript\\u003ealert(1)',
  '%3Cscript%3Ealert(1)',
  '__proto__',
  'constructor',
  'toString',
  'url(javascript:alert(1))',
  'data:text/html,<script>alert(1)</script>',
  '" style="position:fixed;inset:0;background:red" x="',
  "' onmouseover='alert(1)",
  '<x contenteditable onblur=alert(1)>lose focus</x>',
]
const unseen = [
  '\u202egnp.exe',
  'a\u200bb',
  'a\u200db',
  '\u2066x\u2069',
  '\u061cabc',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u009b2J',
  '\u0008\u0008\u0008',
  'line\u2028line',
  '\ufeffx',
  '\u00adsoft',
]
const schemes = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://x.example/y',
  'intent://x#Intent;end',
  'about:blank',
]
/** Where a page has none of those that are shown everywhere: what it has of others. */
const ofPage: { readonly [page: string]: RegExp } = {
  health: /^(problem|detail)$/,
  capabilities: /^(problem|note)$/,
  // of who asks
  settings: /^person$/,
}
/** Members that somebody else wrote: senders, operators, moderation systems, vendors, subscribers. */
const others =
  /^(title|body|reason|ticket|labels|person|requestedBy|registeredBy|content|contents|message|detail|note|problem|actor|object|subscriber|endpoint|source|limits|id|requestIds|requestId)$/

/** Each member so named holds the text, whatever it held. */
function withText(body: unknown, names: RegExp, text: string): unknown {
  if (Array.isArray(body)) return body.map(one => withText(one, names, text))
  if (typeof body !== 'object' || body === null) return body
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      names.test(name) && (value === null || typeof value === 'string') ? text : withText(value, names, text),
    ]),
  )
}

describe('text of others (Chromium)', () => {
  let run: ConsoleRun
  let world: World
  beforeAll(async () => {
    run = await startConsole({ secrets: worldSecrets })
    world = await fillWorld(run.service, { rows: 14 })
  })
  afterAll(() => run.close())

  it('is text wherever it stands', async () => {
    const at = await run.open()
    await at.signIn('operator')
    const places = [...everyPage(world), ...everyDialog(world)]
    const pair = fc.record({
      page: fc.constantFrom(...places),
      text: fc.constantFrom(...markup, ...unseen),
      url: fc.constantFrom(...schemes),
    })
    /** Asked on every page, for a number in its head. */
    const beside = (path: string) => path.startsWith('/v1/summary') || path === '/v1/recalls?limit=100'
    const check = async ({ page, text, url }: { page: { name: string; hash: string }; text: string; url: string }) => {
      let put = 0
      const here = ofPage[page.name] ?? /^(title|body|reason|ticket)$/
      at.answer((path, body) => ({
        body: asksWho(path)
          ? withText(body, page.name === 'settings' ? here : /^$/, text)
          : replaced(withText(body, page.name in ofPage ? here : /^$/, text), (name, was) => {
              if (name === 'url') return url
              // what is asked for next by its id stays
              if (!others.test(name) || /^(rcl_|article:|harmony|long|plain|bare|news-)/.test(was)) return null
              if (here.test(name) && !beside(path)) put++
              return text
            }),
      }))
      if (page.name === 'settings') {
        // who is asking is asked once, on the way in
        await at.page.goto('about:blank')
        await at.signIn('operator')
      }
      await at.show('#/none')
      await at.show(page.hash)
      const what = `${page.name}: ${JSON.stringify(text)}`
      expect(await at.page.textContent('main h1'), what).not.toMatch(/This page failed/)
      expect(at.complaints, what).toEqual([])
      const links = await at.page.evaluate<string[]>(
        "[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(href => !/^(#|https?:|\\/)/.test(href))",
      )
      expect(links, what).toEqual([])
      expect(
        await at.page.locator('main :is(script, iframe, object, embed, img, base, meta, form[action])').count(),
        what,
      ).toBe(0)
      const written = piecesOf(text)
        .map(piece => ('text' in piece ? piece.text : piece.mark))
        .join('')
      // nothing that cannot be seen, and nothing that turns what stands beside it, whoever wrote it
      const raw = await at.page.evaluate<string[]>(`(() => {
        const found = [], walker = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT)
        while (walker.nextNode())
          if (/[\\u0008\\u001b\\u009b\\u00ad\\u061c\\u200b\\u200d\\u2028\\u202e\\u2066\\ufeff]/.test(walker.currentNode.data)) found.push(walker.currentNode.parentElement.outerHTML.slice(0, 200))
        return found
      })()`)
      expect(raw, what).toEqual([])
      if (page.name === 'settings') put++
      // what stands in its fields is looked at by its address
      if (put === 0 || page.name === 'new') return
      // in a fold, too
      await expect.poll(() => at.page.textContent('body'), { message: what }).toContain(written)
    }
    if (soak)
      for (const text of [...markup, ...unseen])
        for (const page of everyPage(world)) await check({ page, text, url: schemes[text.length % 10] ?? '' })
    else await fc.assert(fc.asyncProperty(pair, check), { numRuns: 16 })
    await at.close()
  })

  it('is text in the address, too', async () => {
    const at = await run.open()
    await at.signIn('operator')
    const address = fc.record({ text: fc.constantFrom(...markup, ...unseen), where: fc.nat({ max: 5 }) })
    await fc.assert(
      fc.asyncProperty(address, async ({ text, where }) => {
        const safe = encodeURIComponent(text)
        const hashes = [
          `#/${text}`,
          `#/messages?q=${safe}`,
          `#/messages/${safe}`,
          `#/recalls/${safe}`,
          `#/new?app=${safe}&pushId=${safe}`,
          `#/new/revoke?content=${safe}`,
        ]
        await at.show(hashes[where] ?? '')
        expect(at.complaints, text).toEqual([])
        expect(await at.page.textContent('main h1'), text).not.toMatch(/This page failed/)
        expect(await at.page.locator('main :is(script, iframe, img), a[href^="javascript"]').count(), text).toBe(0)
        if (where === 4) {
          const given = await at.page.locator('input[name=pushId]').inputValue()
          // a field of one line holds no end of one
          expect(given, text).toBe(text.replace(/[\r\n]/g, ''))
        }
      }),
      { numRuns: soak ? 200 : 8 },
    )
    await at.close()
  })

  it('moves no neighbour: a line with an override is as long as its marks', async () => {
    const at = await run.open()
    await at.signIn('operator')
    for (const text of soak ? unseen : unseen.slice(0, 3)) {
      at.answer((_, body) => ({ body: replaced(body, name => (name === 'title' ? text : null)) }))
      await at.show('#/recalls')
      await at.show('#/messages')
      const turned = await at.page.evaluate<number>(
        "[...document.querySelectorAll('tbody tr')].filter(row => row.children[1].getBoundingClientRect().left > row.children[2].getBoundingClientRect().left).length",
      )
      expect(turned).toBe(0)
      expect(await at.page.locator('.unseen').count(), JSON.stringify(text)).toBeGreaterThan(0)
    }
    await at.close()
  })
})

/** Who cannot see well, has no mouse, or a narrow screen: every page in both languages and themes, looked at by axe. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConsoleRun, startConsole } from './browser.ts'

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
  }[]
}

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const looks = (['en', 'zh'] as const).flatMap(language =>
  (['light', 'dark'] as const).map(scheme => ({ language, scheme })),
)

describe('the console for everybody (Chromium)', () => {
  let run: ConsoleRun
  let axe = ''
  let recall = ''
  beforeAll(async () => {
    run = await startConsole()
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    const { sandbox } = run.service
    for (const pushId of ['1', '2'])
      sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all', pushId })
    for (const pushId of ['1', '2'])
      await run.service.call('POST', '/v1/messages', {
        id: `m${pushId}`,
        title: '限时优惠：全场一元',
        body: '点击领取',
        contents: ['article:42'],
        targets: [{ app: 'news-android', pushId, audience: 'all', audienceSize: 1_284_210 }],
      })
    recall = (
      await run.service.call(
        'POST',
        '/v1/stop',
        { message: 'm2', reason: 'wrong link' },
        { headers: { prefer: 'wait=5' } },
      )
    ).body.id
  })
  afterAll(() => run.close())

  const pages = () => [
    '#/messages',
    '#/messages?q=nothing',
    '#/messages/m1',
    '#/messages/m1/revoke',
    '#/messages/m1/overlay',
    '#/messages/none',
    '#/new',
    '#/recalls',
    `#/recalls/${recall}`,
    '#/approvals',
    '#/capabilities',
    '#/verdicts',
    '#/deliveries',
    '#/audit',
    '#/health',
    '#/settings',
  ]

  // the short form: one of the four looks, by turns
  it.each(soak ? looks : [looks[0], looks[3]])('has no fault that axe finds (%o)', async look => {
    const { page, context, signIn, go } = await run.open({ ...look, bypassCSP: true })
    await signIn('operator')
    const faults: string[] = []
    for (const hash of pages()) {
      await go(hash)
      await page.waitForTimeout(450)
      await page.evaluate(axe)
      const { violations } = await page.evaluate<AxeResult>(
        "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })",
      )
      for (const { id, nodes } of violations)
        faults.push(`${hash} ${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary.slice(0, 220)}`)
      await page.keyboard.press('Escape')
    }
    expect(faults).toEqual([])
    await context.close()
  })

  it.each(['en', 'zh'] as const)(
    'scrolls sideways on no page at 320 px, and its targets are large enough (%s)',
    async language => {
      const { page, context, signIn, go } = await run.open({ language, width: 320 })
      await signIn('operator')
      const faults: string[] = []
      for (const hash of pages()) {
        await go(hash)
        await page.waitForTimeout(300)
        const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        if (over > 0) faults.push(`${hash} is ${over} px too wide`)
        const low = await page.evaluate<string[]>(
          "[...document.querySelectorAll('.action-bar .button, .dialog-foot .button')].filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44).map(one => one.outerHTML)",
        )
        faults.push(...low.map(html => `${hash} ${html}`))
        await page.keyboard.press('Escape')
      }
      expect(faults).toEqual([])
      await context.close()
    },
  )
})

/** A recall of what nobody registered, in Chromium: for every vendor there is, by what names its pushes and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { looksLike, namesAt } from '../../dashboard/console/handles.ts'
import { standIns } from '../../sandbox/vendors/registry.ts'
import { allProviders } from '../../shared/providers/registry.ts'
import { type ConsoleRun, startConsole } from './browser.ts'

const providers = await allProviders()
const appOf = (provider: string) => standIns.find(({ vendor }) => vendor === provider)?.apps[0]?.name ?? ''
const looks = [
  ['en', 1280],
  ['zh', 360],
] as const

describe('a recall by the vendor’s own id (Chromium)', () => {
  let run: ConsoleRun
  beforeAll(async () => {
    run = await startConsole({ standIns })
  })
  afterAll(() => run.close())

  // first: nothing is registered yet
  it('is offered where the search finds nothing, for the apps whose vendor gives such ids', async () => {
    const at = await run.open()
    await at.signIn('operator')
    for (const { name, handles } of providers) {
      const [{ member, sample }] = handles
      const known = namesAt(name)?.handles[0]
      await at.show(`#/messages?q=${encodeURIComponent(String(sample))}`)
      const offers = await at.page.locator(`a[href*="app=${appOf(name)}&${member}="]`).count()
      expect(offers, name).toBe(known !== undefined && looksLike(known, String(sample)) ? 1 : 0)
    }
    await at.close()
  })

  it.each(looks)(
    'asks for the names that its vendor knows, and for push tokens where they are needed (%s, %d px)',
    async (language, width) => {
      const at = await run.open({ language, width })
      await at.signIn('operator', '#/new')
      await at.quiet()
      const fieldsOf = () =>
        at.page.$$eval('form.stack input.mono', inputs => inputs.map(input => input.getAttribute('name')))
      expect(await fieldsOf()).toEqual(['handle'])
      for (const { name, handles, target } of providers) {
        const app = appOf(name)
        const [{ member, json, sample }] = handles
        // an id that a vendor made belongs to one message: another for each look
        const written = `${String(sample).slice(0, -1)}${language === 'zh' ? 7 : 8}`
        const native = json === 'integer' ? Number(written) : written
        await at.show('#/new')
        // before its app is known
        await at.page.fill('input[name=handle]', written)
        await at.page.press('input[name=handle]', 'Tab')
        await at.page.selectOption('select[name=app]', app)
        await at.quiet()
        expect(await fieldsOf(), name).toEqual(handles.map(({ member }) => member))
        expect(await at.page.inputValue(`input[name=${member}]`)).toBe(written)
        const [first] = namesAt(name)?.handles ?? []
        expect(await at.page.locator('#act-new-revoke').count(), name).toBe(first?.whole === true ? 1 : 0)
        const byTokens = namesAt(name)?.tokens !== 'never'
        expect(await at.page.locator('input[type=file]').count(), name).toBe(byTokens ? 1 : 0)
        // one way on: the whole push, or that of the tokens
        expect(await at.page.locator('.card .button.primary').count(), name).toBe(1)
        if (!byTokens) continue
        expect(target.safeParse({ [member]: native, tokens: ['a', 'b'] }).success).toBe(true)
        const buffer = Buffer.from('token-1\ntoken-2\ntoken-1\n')
        await at.page.setInputFiles('input[type=file]', { name: 'tokens.txt', mimeType: 'text/plain', buffer })
        await at.page.waitForSelector('form .button.primary:not(.off)')
        expect(await at.page.locator('#act-new-revoke').count(), name).toBe(0)
        await at.page.locator('form .button.primary').click()
        await at.page.waitForURL(/#\/messages\/msg_\w+\/revoke$/)
        const id = /msg_\w+/.exec(at.page.url())?.[0]
        const { body } = await run.service.call('GET', `/v1/messages/${id}`)
        expect(body.targets, name).toMatchObject([{ app, [member]: native }])
      }
      expect(at.complaints).toEqual([])
      await at.close()
    },
  )
})

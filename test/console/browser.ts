/** The console in Chromium, against the whole service: what a test of it needs. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { packConsole } from '../../dashboard/console-build.ts'
import type { Role } from '../../shared/functions.ts'
import { chromium as installed, patienceMs } from '../support/services.ts'
import { type Service, startService, type ServiceOptions } from '../support/service.ts'

export interface ConsoleRun {
  readonly service: Service
  readonly browser: Browser
  /** A page of its own, whose complaints (policy, errors, dialogs, requests elsewhere) are in `complaints`. */
  readonly open: (options?: OpenOptions) => Promise<Opened>
  readonly close: () => Promise<void>
}

export interface OpenOptions {
  readonly language?: 'en' | 'zh'
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  readonly bypassCSP?: boolean
}

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  readonly complaints: string[]
  /** Signed in with the demo key of the role, at the address. */
  readonly signIn: (role: Role, hash?: string) => Promise<void>
  readonly go: (hash: string) => Promise<void>
  /** As `go`, and `quiet`. */
  readonly show: (hash: string) => Promise<void>
  /** Until the page has a heading, all that it asked for has come, and it has drawn that. */
  readonly quiet: () => Promise<void>
  /** From now on every answer below /v1 is this one's: `edit` is given the path and what the service says. Null: as it is. */
  readonly answer: (edit: Edit | null) => void
  readonly close: () => Promise<void>
}

/** What is answered in the place of what came; null: nothing is, the connection breaks. */
export type Edit = (path: string, body: unknown) => Given | null
export interface Given {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: unknown
  /** Sent as it is. */
  readonly text?: string
}

/** Who is asking, which every page needs: of the paths that begin alike this one alone. */
export const asksWho = (path: string): boolean => /^\/v1\/me(\?|$)/.test(path)

/**
 * `unpushStill`: whether nothing is asked or still to come, told once a frame was drawn and the tasks it left are done. What
 * it calls is taken before a test puts a clock of its own in the place of the page's.
 */
const watchAsking = `(() => {
  const { fetch, requestAnimationFrame, setTimeout } = self
  let asking = 0
  self.unpushAsking = () => asking
  self.unpushStill = () => new Promise(resolve => requestAnimationFrame(() =>
    setTimeout(() => resolve(asking === 0 && document.querySelector('.skeleton') === null))))
  self.fetch = async (...asked) => {
    asking++
    try {
      const reply = await fetch(...asked)
      await reply.clone().text()
      return reply
    } finally {
      // the page has read it, and drawn it, by then
      setTimeout(() => asking--)
    }
  }
})()`

export async function startConsole(options: ServiceOptions = {}): Promise<ConsoleRun> {
  await packConsole()
  const service = await startService(options)
  const browser = await chromium.launch({
    executablePath: installed,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  })
  const closings = new Set<() => Promise<void>>()
  return {
    service,
    browser,
    open: async ({ language = 'en', width = 1280, scheme = 'light', bypassCSP = false } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height: 800 },
        colorScheme: scheme,
        timezoneId: 'Asia/Shanghai',
        bypassCSP,
      })
      context.setDefaultTimeout(patienceMs)
      // the sandbox issuer's own pages ask for fonts: nothing leaves this machine
      await context.route(
        url => !url.href.startsWith(service.url),
        route => route.abort().catch(() => {}),
      )
      const page = await context.newPage()
      const close = async () => {
        closings.delete(close)
        // what is asked for in this moment has no answer any more, and that is no error
        await page.unrouteAll({ behavior: 'ignoreErrors' })
        await context.close()
      }
      closings.add(close)
      let edit: Edit | null = null
      await page.route(
        url => url.pathname.startsWith('/v1/'),
        async route => {
          const edited = edit
          if (edited === null) return route.fallback()
          const request = route.request()
          const { 'if-none-match': _, ...headers } = request.headers()
          const came = await route.fetch({ headers }).catch(() => null)
          if (came === null) return route.abort()
          const url = new URL(request.url())
          const given = edited(`${url.pathname}${url.search}`, await came.json().catch(() => null))
          if (given === null) return route.abort()
          const { status = came.status(), body, text } = given
          await route.fulfill({
            status,
            contentType: status < 400 ? 'application/json' : 'application/problem+json',
            headers: given.headers ?? {},
            body: text ?? JSON.stringify(body),
          })
        },
      )
      const inFlight = new Set<unknown>()
      page.on('request', request => inFlight.add(request))
      page.on('requestfinished', request => inFlight.delete(request))
      page.on('requestfailed', request => inFlight.delete(request))
      const quiet = async () => {
        await page.waitForSelector('main h1, .login', { state: 'attached' })
        // a change of the address, what that draws, and what is asked for then
        const until = Date.now() + patienceMs
        for (let still = 0; still < 3; ) {
          still = (await page.evaluate<boolean>('unpushStill()')) && inFlight.size === 0 ? still + 1 : 0
          if (Date.now() > until) throw new Error(`${page.url()} waits for ever: ${await page.textContent('body')}`)
        }
      }
      const go = async (hash: string) => {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
      }
      const complaints: string[] = []
      page.on('pageerror', error => complaints.push(error.stack ?? error.message))
      page.on('dialog', dialog => {
        complaints.push(`dialog ${dialog.message()}`)
        void dialog.dismiss()
      })
      page.on('console', message => {
        // refusals of the API are shown by the page, and logged by the browser on its own
        if (!message.text().startsWith('Failed to load resource')) complaints.push(message.text())
      })
      page.on('request', request => {
        if (!request.url().startsWith(service.url) && !/^(data|blob):/.test(request.url()))
          complaints.push(`request to ${request.url()}`)
      })
      await page.addInitScript(watchAsking)
      await page.addInitScript(
        "addEventListener('securitypolicyviolation', event => console.log('policy ' + event.violatedDirective + ' ' + event.sample))",
      )
      return {
        page,
        context,
        complaints,
        signIn: async (role, hash = '') => {
          await page.goto(`${service.url}/?lang=${language}${hash}`)
          await page.fill('input[name=key]', service.keys[role])
          await page.press('input[name=key]', 'Enter')
          await page.waitForSelector('main h1')
        },
        go,
        quiet,
        show: async hash => {
          await go(hash)
          await quiet()
        },
        answer: given => {
          edit = given
        },
        close,
      }
    },
    close: async () => {
      await Promise.all([...closings].map(close => close()))
      await browser.close()
      await service.close()
    },
  }
}

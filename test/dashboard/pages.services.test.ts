import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main_handler } from '../../functions/dashboard.ts'
import { encodeScfEvent } from '../../shared/platform/scf-event.ts'
import { chromium as installed, patienceMs } from '../support/services.ts'

describe('the pages of the dashboard (Chromium)', () => {
  let browser: Browser
  let server: Server
  beforeAll(async () => {
    server = await serveDashboard()
    browser = await chromium.launch({
      executablePath: installed,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    })
  })
  afterAll(async () => {
    await browser.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  it.each([
    ['/', 'en'],
    ['/', 'zh'],
    ['/docs', 'en'],
    ['/docs', 'zh'],
  ])('%s?lang=%s breaks no rule of its policy and fits a phone, light and dark', async (path, language) => {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } })
    page.setDefaultTimeout(patienceMs)
    const complaints: string[] = []
    page.on('console', message => {
      // nothing can be opened here, and the page comes all the same
      if (!message.location().url.endsWith('/config.json')) complaints.push(message.text())
    })
    page.on('pageerror', error => complaints.push(error.message))
    const { port } = server.address() as AddressInfo
    await page.goto(`http://127.0.0.1:${port}${path}?lang=${language}`)
    const papers = new Set<string>()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      papers.add(await page.evaluate<string>(paper))
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(360)
    }
    await page.close()
    expect(papers.size).toBe(2)
    expect(complaints).toEqual([])
  })
})

/** One page colours its body, the other the whole. */
const paper = `[document.documentElement, document.body].map(element => getComputedStyle(element).backgroundColor).join()`

async function serveDashboard(): Promise<Server> {
  const server = createServer((request, response) => {
    const event = encodeScfEvent({
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      headers: request.headersDistinct,
      body: Buffer.alloc(0),
      sourceIp: '127.0.0.1',
    })
    void answer(event, response)
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  return server
}

async function answer(event: object, response: ServerResponse): Promise<void> {
  const envelope = (await main_handler(event, {})) as {
    statusCode: number
    headers: object
    body: string
    isBase64Encoded: boolean
  }
  const body = Buffer.from(envelope.body, envelope.isBase64Encoded ? 'base64' : 'utf8')
  response.writeHead(envelope.statusCode, { ...envelope.headers }).end(body)
}

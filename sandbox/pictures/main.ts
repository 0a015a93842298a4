/**
 * `npm run pictures`: draws the pictures of README.md anew, in `docs/pictures/`: what a newcomer sees after `npm start`, in both
 * languages, and a recording of a recall. Takes Chromium and, for the Chinese, Debian's fonts-noto-cjk.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { animate, type Frame } from './animated-webp.ts'
import { type Newcomer, startNewcomer } from './newcomer.ts'
import { openStage, type Stage } from './stage.ts'

type Language = 'en' | 'zh'

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
const locales: { readonly [L in Language]: string } = { en: 'en-US', zh: 'zh-CN' }
/** The same letters on every machine. */
const font = `
  @font-face { font-family: Marks; src: local("DejaVu Sans"); unicode-range: U+B7, U+2018-201D, U+2022, U+2026 }
  *:not(code, pre, kbd, .id, .mono) { font-family: "Noto Sans CJK SC", sans-serif !important }
  :lang(en):not(code, pre, kbd, .id, .mono) { font-family: Marks, "Noto Sans CJK SC", sans-serif !important }`
const mostBytes = { still: 150_000, recording: 600_000 }

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
})
try {
  await mkdir(folder, { recursive: true })
  for (const language of ['en', 'zh'] as const) await draw(browser, language)
} finally {
  await browser.close()
}

async function draw(in_: Browser, language: Language): Promise<void> {
  const newcomer = await startNewcomer()
  try {
    await keep(`console.${language}.webp`, await drawDialog(in_, newcomer, language), mostBytes.still)
    const { still, recording } = await record(in_, newcomer, language)
    await keep(`recall.${language}.webp`, still, mostBytes.still)
    await keep(`recording.${language}.webp`, recording, mostBytes.recording)
  } finally {
    await newcomer.close()
  }
}

async function keep(name: string, bytes: Buffer, most: number): Promise<void> {
  if (bytes.length > most) throw new Error(`${name} has ${bytes.length} bytes: ${most} at most`)
  await writeFile(folder + name, bytes)
  console.log(`docs/pictures/${name}  ${Math.round(bytes.length / 1000)} kB`)
}

async function open(in_: Browser, language: Language, address: string, size: { width: number; height: number }) {
  const context = await in_.newContext({
    viewport: size,
    locale: locales[language],
    colorScheme: 'light',
    timezoneId: 'Asia/Shanghai',
    // for the font
    bypassCSP: true,
  })
  const page = await context.newPage()
  await page.goto(address)
  await page.addStyleTag({ content: font })
  return page
}

async function signIn(page: Page, key: string): Promise<void> {
  await page.fill('input[name=key]', key)
  await page.press('input[name=key]', 'Enter')
  await page.waitForSelector('main h1')
}

/** The wrong push, and the dialog that takes it back from every vendor. */
async function drawDialog(in_: Browser, { url, keys }: Newcomer, language: Language): Promise<Buffer> {
  const page = await open(in_, language, `${url}/?lang=${language}`, { width: 1280, height: 800 })
  await signIn(page, keys.operator)
  await page.waitForSelector('.row-link')
  await page.locator('tr', { hasText: 'promo-android' }).locator('.verbs .revoke').click()
  await page.waitForSelector('.effect-cards')
  await page.locator('.reason .chip').first().click()
  await settle(page)
  const stage = await openStage(in_, 1)
  const still = await stage.still([{ page, address: '' }])
  await stage.close()
  await page.context().close()
  return still
}

/** Console and phones beside each other, while the wrong push is taken back from all vendors at once. */
async function record(in_: Browser, { url, phonesLink, keys }: Newcomer, language: Language) {
  const size = { width: 640, height: 760 }
  const host = new URL(url).host.replace(/:\d+$/, ':8080')
  await slowDown(url)
  const phones = await open(in_, language, `${phonesLink}#phones`, size)
  await phones.waitForSelector('[data-group]')
  await phones.evaluate(
    "(document.querySelector('#phones') ?? document.querySelector('[data-group]')).scrollIntoView()",
  )
  const desk = await open(in_, language, `${url}/?lang=${language}`, size)
  const shown = () => [
    { page: desk, address: `${host}/${new URL(desk.url()).hash}`.slice(0, 44) },
    { page: phones, address: `${host}/_sandbox` },
  ]
  const stage = await openStage(in_, 1)
  const frames: Frame[] = []
  const take = async (ms: number) => add(stage, frames, shown(), ms)
  await signIn(desk, keys.operator)
  await desk.waitForSelector('.row-link')
  await settle(desk)
  await take(2600)
  await desk.locator('.row-link').first().click()
  await desk.waitForSelector('.plans')
  await settle(desk)
  await take(1800)
  await desk.locator('.facts a.button').first().click()
  await desk.waitForSelector('.effect-cards')
  await settle(desk)
  await take(1800)
  await desk.locator('.reason .chip').first().click()
  await settle(desk)
  await take(1600)
  await desk.locator('.dialog .act').click()
  await desk.waitForURL(/#\/recalls\/rcl_/)
  let still: Buffer | null = null
  for (let look = 0; look < 14; look++) {
    await desk.waitForTimeout(350)
    await take(600)
    if (look === 1) still = await stage.still(shown())
    if ((await desk.locator('.page-head .mark.ok, .page-head .mark.warn').count()) > 0 && look > 5) break
  }
  await desk.waitForTimeout(1500)
  await take(4000)
  const { width, height } = stage.size
  await stage.close()
  await Promise.all([desk.context().close(), phones.context().close()])
  if (still === null) throw new Error('the recall was over before it was seen')
  return { still, recording: animate(width, height, frames) }
}

/** Slow enough to be watched: every vendor, and one that counts tokens also by those. */
async function slowDown(url: string): Promise<void> {
  const switches = (await (await fetch(`${url}/_sandbox/switches`)).json()) as { [vendor: string]: object }
  const slow = Object.entries(switches).map(([vendor, own], index) => [
    vendor,
    { latencyMs: 1500 - 100 * (index % 4), ...('tokensPerSecond' in own ? { tokensPerSecond: 1000 } : {}) },
  ])
  const slowed = await fetch(`${url}/_sandbox/switches`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(slow)),
  })
  if (!slowed.ok) throw new Error(`the vendors could not be slowed down: ${await slowed.text()}`)
}

async function add(stage: Stage, frames: Frame[], shown: Parameters<Stage['frame']>[0], ms: number): Promise<void> {
  const frame = await stage.frame(shown, ms)
  const last = frames.at(-1)
  if (frame !== null) frames.push(frame)
  else if (last !== undefined) frames[frames.length - 1] = { ...last, ms: last.ms + ms }
}

/** Nothing moves any more. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(700)
}

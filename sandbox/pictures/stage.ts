/** Where pictures are put together: a page of a browser, with a canvas. */
import type { Browser, Page } from 'playwright-core'
import type { Frame } from './animated-webp.ts'

/** Two windows side by side on one picture, as `stage.html` would draw them; runs in the page. */
const script = `
const load = async source => {
  const image = new Image()
  image.src = 'data:image/png;base64,' + source
  await image.decode()
  return image
}
const round = (pen, x, y, width, height, radius) => {
  pen.beginPath()
  pen.roundRect(x, y, width, height, radius)
}
const bar = 34
self.stage = {
  async beside(windows, scale) {
    const images = await Promise.all(windows.map(({ png }) => load(png)))
    const gap = 22 * scale, top = bar * scale
    const canvas = document.createElement('canvas')
    canvas.width = images.reduce((sum, { width }) => sum + width + gap, gap)
    canvas.height = images[0].height + top + 2 * gap
    const pen = canvas.getContext('2d')
    const ground = pen.createLinearGradient(0, 0, canvas.width, canvas.height)
    ground.addColorStop(0, '#d5dde8')
    ground.addColorStop(1, '#c6d3d6')
    pen.fillStyle = ground
    pen.fillRect(0, 0, canvas.width, canvas.height)
    let x = gap
    images.forEach((image, index) => {
      const height = image.height + top
      pen.save()
      pen.shadowColor = 'rgb(20 30 50 / 0.28)'
      pen.shadowBlur = 18 * scale
      pen.shadowOffsetY = 6 * scale
      pen.fillStyle = '#e6eaf0'
      round(pen, x, gap, image.width, height, 12 * scale)
      pen.fill()
      pen.restore()
      pen.save()
      round(pen, x, gap, image.width, height, 12 * scale)
      pen.clip()
      pen.drawImage(image, x, gap + top)
      pen.restore()
      pen.fillStyle = '#b9c2d0'
      for (const dot of [0, 1, 2]) {
        pen.beginPath()
        pen.arc(x + (20 + dot * 16) * scale, gap + top / 2, 4.5 * scale, 0, 7)
        pen.fill()
      }
      pen.fillStyle = '#525c70'
      pen.font = 12 * scale + 'px "Noto Sans CJK SC", sans-serif'
      pen.textBaseline = 'middle'
      pen.fillText(windows[index].address, x + 76 * scale, gap + top / 2)
      x += image.width + gap
    })
    return canvas
  },
  async still(windows, scale, quality) {
    const canvas = windows.length === 1 ? await this.alone(windows[0]) : await this.beside(windows, scale)
    return canvas.toDataURL('image/webp', quality)
  },
  async alone({ png }) {
    const image = await load(png)
    const canvas = document.createElement('canvas')
    canvas.width = image.width
    canvas.height = image.height
    canvas.getContext('2d').drawImage(image, 0, 0)
    return canvas
  },
  before: null,
  async frame(windows, scale, quality) {
    const canvas = await this.beside(windows, scale)
    const pen = canvas.getContext('2d')
    const { width, height } = canvas
    const now = pen.getImageData(0, 0, width, height).data
    let [left, up, right, down] = [width, height, -1, -1]
    if (this.before === null) [left, up, right, down] = [0, 0, width - 1, height - 1]
    else {
      const a = new Uint32Array(now.buffer), b = new Uint32Array(this.before.buffer)
      for (let y = 0, at = 0; y < height; y++)
        for (let x = 0; x < width; x++, at++)
          if (a[at] !== b[at]) {
            if (x < left) left = x
            if (x > right) right = x
            if (y < up) up = y
            down = y
          }
    }
    this.before = now
    if (right < 0) return { width, height, part: null }
    left -= left % 2
    up -= up % 2
    const part = document.createElement('canvas')
    part.width = right - left + 1
    part.height = down - up + 1
    part.getContext('2d').drawImage(canvas, -left, -up)
    return { width, height, part: { x: left, y: up, width: part.width, height: part.height, webp: part.toDataURL('image/webp', quality) } }
  },
}
`

export interface Shown {
  readonly page: Page
  /** As the window's bar says it. */
  readonly address: string
}

export interface Stage {
  /** A WebP of one page, or of two windows beside each other. */
  still(shown: readonly Shown[]): Promise<Buffer>
  /** The next frame of a recording: what differs from the one before. Null: nothing does. */
  frame(shown: readonly Shown[], ms: number): Promise<Frame | null>
  /** Of the recording so far, in pixels. */
  readonly size: { readonly width: number; readonly height: number }
  close(): Promise<void>
}

interface Cut {
  readonly width: number
  readonly height: number
  readonly part: (Omit<Frame, 'webp' | 'ms'> & { readonly webp: string }) | null
}

/** `scale`: pixels of the screen for one of the pages. */
export async function openStage(browser: Browser, scale: number): Promise<Stage> {
  const page = await browser.newPage()
  await page.evaluate(script)
  const size = { width: 0, height: 0 }
  const shoot = async (shown: readonly Shown[]) =>
    Promise.all(
      shown.map(async ({ page: window, address }) => ({
        png: (await window.screenshot({ animations: 'allow' })).toString('base64'),
        address,
      })),
    )
  return {
    size,
    still: async shown =>
      decoded(await page.evaluate<string>(`stage.still(${JSON.stringify(await shoot(shown))}, ${scale}, 0.82)`)),
    frame: async (shown, ms) => {
      const { width, height, part } = await page.evaluate<Cut>(
        `stage.frame(${JSON.stringify(await shoot(shown))}, ${scale}, 0.6)`,
      )
      Object.assign(size, { width, height })
      return part === null ? null : { ...part, webp: decoded(part.webp), ms }
    },
    close: async () => page.close(),
  }
}

function decoded(address: string): Buffer {
  return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64')
}

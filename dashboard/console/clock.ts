/** Times as people read them: 24 hours, with the zone once a page, and the date where it is not today. */
import { signal } from '@preact/signals'
import { language } from './language.ts'
import { zone } from './settings.ts'

/** Epoch milliseconds, every second while the page is seen: what counts down reads it. */
export const now = signal(Date.now())

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now()
  }, 1000)
}

const formats = new Map<string, Intl.DateTimeFormat>()
function parts(at: number, seconds: boolean): { readonly [name: string]: string } {
  const key = `${zone.value} ${seconds}`
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat('en-GB', {
      ...(zone.value === null ? {} : { timeZone: zone.value }),
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      ...(seconds ? { second: '2-digit' } : {}),
      hourCycle: 'h23',
    })
  formats.set(key, format)
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
}

/** `03:12:04`, `11-27 22:10:00`, `2025-11-27 22:10:00`; a dash for what is no time: a service of before may not tell it. */
export function clockTime(at: number, { seconds = true } = {}): string {
  if (Number.isNaN(at)) return '–'
  const then = parts(at, seconds)
  const today = parts(now.peek(), false)
  const time = `${then['hour']}:${then['minute']}${seconds ? `:${then['second']}` : ''}`
  if (then['year'] !== today['year']) return `${then['year']}-${then['month']}-${then['day']} ${time}`
  if (then['month'] !== today['month'] || then['day'] !== today['day']) return `${then['month']}-${then['day']} ${time}`
  return time
}

/** `+08:00` */
export function offsetAt(at: number): string {
  const { hour, minute, year, month, day } = parts(at, false)
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))
  const minutes = Math.round((local - Math.floor(at / 60_000) * 60_000) / 60_000)
  const [sign, size] = [minutes < 0 ? '-' : '+', Math.abs(minutes)]
  return `${sign}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
}

/** `2 分钟前`, `2 min ago`; in the future `in 8 s`, `8 秒后`. */
export function away(at: number): string {
  if (Number.isNaN(at)) return '–'
  const seconds = Math.round((at - now.value) / 1000)
  const size = Math.abs(seconds)
  const zh = language.value === 'zh'
  const [count, unit] =
    size < 60
      ? [size, zh ? '秒' : 's']
      : size < 3600
        ? [Math.floor(size / 60), zh ? '分钟' : 'min']
        : size < 48 * 3600
          ? [Math.floor(size / 3600), zh ? '小时' : 'h']
          : [Math.floor(size / 86_400), zh ? '天' : 'd']
  if (seconds > 0) return zh ? `${count} ${unit}后` : `in ${count} ${unit}`
  return zh ? `${count} ${unit}前` : `${count} ${unit} ago`
}

/** `24:10`, `1:02:03`: what is left of a time. */
export function left(until: number): string {
  const seconds = Math.max(0, Math.round((until - now.value) / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0
    ? `${h}:${String(m).padStart(2, '0')}:${String(s).padStart(2, '0')}`
    : `${m}:${String(s).padStart(2, '0')}`
}

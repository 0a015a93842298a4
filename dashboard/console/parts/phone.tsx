/** The notification as people see it. Drawn from its text alone; nothing in it is ever markup. */
import { clockTime } from '../clock.ts'
import { language, w } from '../language.ts'
import { zone } from '../settings.ts'
import { Said } from './text.tsx'

export interface Shown {
  readonly title: string | null
  readonly body: string | null
  readonly url?: string | null
  readonly app: string
  /** Epoch milliseconds. */
  readonly at: number
}

export function Phone({ title, body, url, app, at, label }: Shown & { readonly label: string }) {
  const time = clockTime(at, { seconds: false }).slice(-5)
  const format = new Intl.DateTimeFormat(language.value === 'zh' ? 'zh-CN' : 'en-GB', {
    ...(zone.value === null ? {} : { timeZone: zone.value }),
    month: 'long',
    day: 'numeric',
    weekday: 'long',
  })
  const day = Number.isNaN(at) ? '' : format.format(at)
  return (
    <figure class="phone" aria-label={label}>
      <div class="phone-screen">
        <div class="phone-bar" aria-hidden="true">
          <span>{time}</span>
          <span>5G</span>
        </div>
        <div class="phone-clock" aria-hidden="true">
          <b>{time}</b>
          <span>{day}</span>
        </div>
        <div class="phone-note">
          <div class="phone-from">
            <i aria-hidden="true" />
            <Said text={app} />
            <span>{time}</span>
          </div>
          <b>{title === null || title === '' ? <span class="soft">{w('untitled')}</span> : <Said text={title} />}</b>
          {body === null || body === '' ? null : (
            <p>
              <Said text={body} />
            </p>
          )}
          {url === null || url === undefined || body?.includes(url) === true ? null : (
            <p class="phone-link">
              <Said text={url} />
            </p>
          )}
        </div>
      </div>
    </figure>
  )
}

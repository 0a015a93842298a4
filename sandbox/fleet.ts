/** The simulated phones: the same make-up every time, a fixed share of them offline or with the app killed. */
import { createHash } from 'node:crypto'
import type { App, Channel, Model, Phone } from './phone.ts'

interface Group {
  readonly app: App
  readonly channel: Channel
  readonly model: Model | null
  readonly count: number
  /** One in so many is offline at first. */
  readonly offlineEach: number
  /** One in so many has the app killed (iOS). */
  readonly killedEach: number
}

const group = (app: App, channel: Channel, count: number, model: Model | null = null, killedEach = 0): Group => ({
  app,
  channel,
  model,
  count,
  offlineEach: 6,
  killedEach,
})

const groups: readonly Group[] = [
  group('news-android', 'tpns', 60),
  group('news-android', 'xiaomi', 45),
  group('news-android', 'meizu', 15),
  group('news-android', 'huawei', 60),
  group('news-android', 'huawei-emui9', 20),
  group('news-android', 'oppo', 50),
  group('news-android', 'vivo', 50),
  group('news-ios', 'apns', 60, null, 3),
  group('news-harmony', 'harmony', 1900, 'phone'),
  group('news-harmony', 'harmony', 260, 'tablet'),
  group('news-harmony', 'harmony', 100, 'pc'),
  group('news-harmony', 'harmony', 90, 'watch-5.1.0'),
  group('news-harmony', 'harmony', 50, 'watch-5.0.5'),
  group('news-harmony', 'harmony', 60, 'tv-5.1.1'),
  group('news-harmony', 'harmony', 40, 'tv-5.1.0'),
]

export function createFleet(): Phone[] {
  return groups.flatMap(({ app, channel, model, count, offlineEach, killedEach }) =>
    Array.from({ length: count }, (_, index): Phone => {
      const id = `${model ?? channel}-${index + 1}`
      return {
        id,
        app,
        channel,
        model,
        token: app === 'news-harmony' ? tokenOf(id) : null,
        online: (index + 1) % offlineEach !== 0,
        alive: killedEach === 0 || (index + 1) % killedEach !== 0,
        badge: 0,
        notices: [],
        pending: [],
        mark: 'none',
      }
    }),
  )
}

/** 112 characters, as Push Kit's are today, with the + and / that real ones hold. */
function tokenOf(id: string): string {
  const bytes = Buffer.concat([0, 1].map(part => createHash('sha512').update(`${part}:${id}`).digest()))
  return bytes.toString('base64').slice(0, 112)
}

/** What changes of a phone; the rest is made again. */
export type PhoneState = Pick<Phone, 'online' | 'alive' | 'badge' | 'notices' | 'pending' | 'mark'>

export function packFleet(phones: readonly Phone[]): PhoneState[] {
  return phones.map(({ online, alive, badge, notices, pending, mark }) => ({
    online,
    alive,
    badge,
    notices,
    pending,
    mark,
  }))
}

export function unpackFleet(phones: readonly Phone[], states: readonly PhoneState[]): void {
  phones.forEach((phone, index) => Object.assign(phone, states[index]))
}

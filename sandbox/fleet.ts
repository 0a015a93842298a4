/** The simulated phones: the same make-up every time, a fixed share of them offline or with the app killed. */
import { createHash } from 'node:crypto'
import type { App, Channel, Model, Phone } from './phone.ts'

interface Group {
  readonly app: App
  readonly channel: Channel
  readonly model: Model | null
  readonly count: number
}

const group = (app: App, channel: Channel, count: number, model: Model | null = null): Group => ({
  app,
  channel,
  model,
  count,
})

const groups: readonly Group[] = [
  group('news-android', 'tpns', 60),
  group('news-android', 'xiaomi', 45),
  group('news-android', 'meizu', 15),
  group('news-android', 'huawei', 60),
  group('news-android', 'huawei-emui9', 20),
  group('news-android', 'oppo', 50),
  group('news-android', 'vivo', 50),
  group('news-ios', 'apns', 60),
  group('news-harmony', 'harmony', 1900, 'phone'),
  group('news-harmony', 'harmony', 260, 'tablet'),
  group('news-harmony', 'harmony', 100, 'pc'),
  group('news-harmony', 'harmony', 90, 'watch-5.1.0'),
  group('news-harmony', 'harmony', 50, 'watch-5.0.5'),
  group('news-harmony', 'harmony', 60, 'tv-5.1.1'),
  group('news-harmony', 'harmony', 40, 'tv-5.1.0'),
]

/** One in so many. The two have no common divisor: there are dead apps on phones that are online, and living ones on phones that are not. */
const offlineEach = 6
const killedEach = 5
/** Tags, and the one in so many phones that has them. */
const tagEach: { readonly [tag: string]: number } = { news: 2, sports: 3, beta: 7 }
const otherApps = 3

export interface Fleet {
  readonly phones: readonly Phone[]
  byId(id: string): Phone | undefined
  /** Push Kit's tokens of the demo app. */
  byToken(token: string): Phone | undefined
  ofApp(app: App): readonly Phone[]
  /** Of a channel, or on HarmonyOS of a model. */
  ofGroup(name: string): readonly Phone[]
  readonly groupNames: readonly string[]
  /** Push Kit's tokens of some other developer's app. */
  readonly foreignTokens: ReadonlySet<string>
}

export function createFleet(states?: readonly PhoneState[]): Fleet {
  const phones = groups.flatMap(member =>
    Array.from({ length: member.count }, (_, index) => phoneOf(member, index + 1)),
  )
  if (states !== undefined) phones.forEach((phone, index) => Object.assign(phone, states[index]))
  const ids = new Map(phones.map(phone => [phone.id, phone]))
  const tokens = new Map(phones.flatMap(phone => (phone.token === null ? [] : [[phone.token, phone] as const])))
  const apps = collect(phones, phone => phone.app)
  const named = collect(phones, groupOf)
  return {
    phones,
    byId: id => ids.get(id),
    byToken: token => tokens.get(token),
    ofApp: app => apps.get(app) ?? [],
    ofGroup: name => named.get(name) ?? [],
    groupNames: [...named.keys()],
    foreignTokens: new Set(Array.from({ length: otherApps }, (_, index) => pushKitToken(`another-app-${index + 1}`))),
  }
}

export function groupOf({ model, channel }: Pick<Phone, 'model' | 'channel'>): string {
  return model ?? channel
}

/** Everything as on the first day. */
export function resetFleet({ phones }: Fleet): void {
  const fresh = packFleet(createFleet())
  phones.forEach((phone, index) => Object.assign(phone, fresh[index]))
}

/** What changes of a phone; the rest is made again. */
export type PhoneState = Pick<Phone, 'online' | 'alive' | 'badge' | 'notices' | 'pending' | 'mark'>

export function packFleet({ phones }: Pick<Fleet, 'phones'>): PhoneState[] {
  return phones.map(({ online, alive, badge, notices, pending, mark }) => ({
    online,
    alive,
    badge,
    notices,
    pending,
    mark,
  }))
}

/** TPNS's name for a device: 36 characters. */
export function tpnsTokenOf({ id }: Pick<Phone, 'id'>): string {
  return createHash('sha256').update(`tpns:${id}`).digest('hex').slice(0, 36)
}

export function accountOf({ id }: Pick<Phone, 'id'>): string {
  return `account-of-${id}`
}

function collect(phones: readonly Phone[], nameOf: (phone: Phone) => string): ReadonlyMap<string, Phone[]> {
  const collected = new Map<string, Phone[]>()
  for (const phone of phones) {
    const name = nameOf(phone)
    const members = collected.get(name)
    if (members === undefined) collected.set(name, [phone])
    else members.push(phone)
  }
  return collected
}

function phoneOf({ app, channel, model }: Group, number: number): Phone {
  const id = `${groupOf({ model, channel })}-${number}`
  return {
    id,
    app,
    channel,
    model,
    token: app === 'news-harmony' ? pushKitToken(id) : null,
    tags: Object.keys(tagEach).filter(tag => number % (tagEach[tag] ?? 1) === 0),
    online: number % offlineEach !== 0,
    alive: app !== 'news-ios' || number % killedEach !== 0,
    badge: 0,
    notices: [],
    pending: [],
    mark: 'none',
  }
}

/** 112 characters, as Push Kit's are today, with the + and / that real ones hold. */
function pushKitToken(id: string): string {
  const bytes = Buffer.concat([0, 1].map(part => createHash('sha512').update(`${part}:${id}`).digest()))
  return bytes.toString('base64').slice(0, 112)
}

/** The simulated phones: the same make-up every time, a fixed share of them offline or with the app killed. */
import type { Phone, PhoneGroup } from './phone.ts'

/** One in so many. The two have no common divisor: there are dead apps on phones that are online, and living ones on phones that are not. */
const offlineEach = 6
const killedEach = 5
/** Tags, and the one in so many phones that has them. */
const tagEach: { readonly [tag: string]: number } = { news: 2, sports: 3, beta: 7 }

export interface Fleet {
  readonly phones: readonly Phone[]
  byId(id: string): Phone | undefined
  /** By the vendor's push token. */
  byToken(token: string): Phone | undefined
  ofApp(app: string): readonly Phone[]
  /** By the name of the group. */
  ofGroup(name: string): readonly Phone[]
  readonly groups: readonly PhoneGroup[]
}

/** Throws where two groups have one name. `states`: what `packFleet` gave, by the phone's id. */
export function createFleet(groups: readonly PhoneGroup[], states: PhoneStates = {}): Fleet {
  const names = groups.map(groupName)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two groups of phones are called ${twice}`)
  const phones = groups.flatMap(group => Array.from({ length: group.count }, (_, index) => phoneOf(group, index + 1)))
  for (const phone of phones) Object.assign(phone, states[phone.id])
  return collected(groups, phones)
}

/** The phones of these apps alone. */
export function fleetOf({ groups, phones }: Fleet, apps: readonly string[]): Fleet {
  return collected(
    groups.filter(({ app }) => apps.includes(app)),
    phones.filter(({ app }) => apps.includes(app)),
  )
}

export function groupName({ model, channel }: Pick<PhoneGroup, 'model' | 'channel'>): string {
  return model ?? channel
}

/** Everything as on the first day. */
export function resetFleet({ groups, phones }: Fleet): void {
  const fresh = packFleet(createFleet(groups))
  for (const phone of phones) Object.assign(phone, fresh[phone.id])
}

/** What changes of a phone; the rest is made again. */
export type PhoneState = Pick<Phone, 'online' | 'alive' | 'badge' | 'notices' | 'pending' | 'mark'>
export interface PhoneStates {
  readonly [id: string]: PhoneState
}

export function packFleet({ phones }: Pick<Fleet, 'phones'>): PhoneStates {
  return Object.fromEntries(
    phones.map(({ id, online, alive, badge, notices, pending, mark }) => [
      id,
      { online, alive, badge, notices, pending, mark },
    ]),
  )
}

function collect(phones: readonly Phone[], nameOf: (phone: Phone) => string): ReadonlyMap<string, Phone[]> {
  const found = new Map<string, Phone[]>()
  for (const phone of phones) {
    const name = nameOf(phone)
    const members = found.get(name)
    if (members === undefined) found.set(name, [phone])
    else members.push(phone)
  }
  return found
}

function collected(groups: readonly PhoneGroup[], phones: readonly Phone[]): Fleet {
  const ids = new Map(phones.map(phone => [phone.id, phone]))
  const tokens = new Map(phones.flatMap(phone => (phone.token === null ? [] : [[phone.token, phone] as const])))
  const apps = collect(phones, ({ app }) => app)
  const named = collect(phones, groupName)
  return {
    groups,
    phones,
    byId: id => ids.get(id),
    byToken: token => tokens.get(token),
    ofApp: app => apps.get(app) ?? [],
    ofGroup: name => named.get(name) ?? [],
  }
}

function phoneOf(group: PhoneGroup, number: number): Phone {
  const { app, channel, model, token, appDies } = group
  const id = `${groupName(group)}-${number}`
  return {
    id,
    app,
    channel,
    model,
    group,
    token: token?.(id) ?? null,
    tags: Object.keys(tagEach).filter(tag => number % (tagEach[tag] ?? 1) === 0),
    online: number % offlineEach !== 0,
    alive: !appDies || number % killedEach !== 0,
    badge: 0,
    notices: [],
    pending: [],
    mark: 'none',
  }
}

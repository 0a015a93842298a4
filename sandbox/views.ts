/** What the API and the page say of the phones. Push tokens are personal data, the sandbox's too: no view holds one. */
import { effectsOf } from './channels.ts'
import { type Fleet, groupOf } from './fleet.ts'
import type { App, Mark, Phone } from './phone.ts'

/** One letter a phone: 2,860 of them go to the page at once. */
const letters: { readonly [M in Mark]: string } = {
  none: '.',
  queued: 'q',
  shown: 's',
  removed: 'r',
  stopped: 'e',
  replaced: 'p',
  beside: 'b',
  kept: 'k',
  clicked: 'c',
  cleared: 'x',
}

export interface GroupView {
  readonly name: string
  readonly app: App
  /** What the documents say that stop, revoke and overlay do here. */
  readonly effects: { readonly [operation: string]: string }
  readonly total: number
  readonly offline: number
  /** That show an untouched notification, other than one that corrects another. */
  readonly showing: number
  readonly counts: { readonly [mark: string]: number }
  /** A letter for each phone, in the order of their numbers. */
  readonly marks: string
  /** Two of them: one is online at first and one is not; of the iPhones, one has a living app and one a dead one. */
  readonly phones: readonly object[]
}

export function phoneView({ token: _, pending, ...phone }: Phone): object {
  return { ...phone, group: groupOf(phone), queued: pending.length }
}

export function groupViews(fleet: Fleet): GroupView[] {
  return fleet.groupNames.map(name => groupView(name, fleet.ofGroup(name)))
}

function groupView(name: string, members: readonly Phone[]): GroupView {
  const counts: { [mark: string]: number } = {}
  let marks = ''
  let offline = 0
  let showing = 0
  for (const { mark, online, notices } of members) {
    counts[mark] = (counts[mark] ?? 0) + 1
    marks += letters[mark]
    if (!online) offline += 1
    if (notices.some(({ state, correction }) => state === 'shown' && !correction)) showing += 1
  }
  const { app = 'news-android', channel = 'tpns', model = null } = members[0] ?? {}
  const shown = app === 'news-ios' ? [0, 4] : [0, 5]
  const phones = shown.flatMap(index => members[index] ?? []).map(phoneView)
  return {
    name,
    app,
    effects: effectsOf(channel, model),
    total: members.length,
    offline,
    showing,
    counts,
    marks,
    phones,
  }
}

/** Phones by mark, over all groups. */
export function totalsOf(groups: readonly GroupView[]): { readonly [mark: string]: number } {
  const totals: { [mark: string]: number } = {}
  for (const { counts } of groups) {
    for (const [mark, count] of Object.entries(counts)) totals[mark] = (totals[mark] ?? 0) + count
  }
  return totals
}

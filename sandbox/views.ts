/** What the API and the page say of the phones. Push tokens are personal data, the sandbox's too: no view holds one. */
import { type Fleet, groupName } from './fleet.ts'
import type { Effects, Mark, Phone, PhoneGroup } from './phone.ts'

/** One letter a phone: thousands of them go to the page at once. */
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
  readonly app: string
  /** What the documents say that stop, revoke and overlay do here. */
  readonly effects: Effects
  readonly total: number
  readonly offline: number
  /** That show an untouched notification, other than one that corrects another. */
  readonly showing: number
  readonly counts: { readonly [mark: string]: number }
  /** A letter for each phone, in the order of their numbers. */
  readonly marks: string
  /** Two of them: one is online at first and one is not; where apps die, one has a living app and one a dead one. */
  readonly phones: readonly object[]
}

export function phoneView({ token: _, pending, group, ...phone }: Phone): object {
  const { looks, appDies } = group
  return { ...phone, group: groupName(group), looks, appDies, queued: pending.length }
}

export function groupViews(fleet: Fleet): GroupView[] {
  return fleet.groups.map(group => groupView(group, fleet.ofGroup(groupName(group))))
}

function groupView(group: PhoneGroup, members: readonly Phone[]): GroupView {
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
  const shown = group.appDies ? [0, 4] : [0, 5]
  const phones = shown.flatMap(index => members[index] ?? []).map(phoneView)
  const { app, effects } = group
  return { name: groupName(group), app, effects, total: members.length, offline, showing, counts, marks, phones }
}

/** Phones by mark, over all groups. */
export function totalsOf(groups: readonly GroupView[]): { readonly [mark: string]: number } {
  const totals: { [mark: string]: number } = {}
  for (const { counts } of groups) {
    for (const [mark, count] of Object.entries(counts)) totals[mark] = (totals[mark] ?? 0) + count
  }
  return totals
}

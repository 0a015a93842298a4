/** What the page has to know of the stand-ins to draw them: names and words, no state. */
import { commonSwitches } from './faults.ts'
import { groupName } from './fleet.ts'
import type { SwitchTable } from './switch.ts'
import type { StandIn } from './vendors/stand-in.ts'

/** Vendors whose phones stand open when the page is opened; the others are a click away. */
const openAtFirst = 2

export function vendorsView(standIns: readonly StandIn[]): object {
  return {
    phones: standIns.flatMap(({ phones }) => phones).reduce((sum, { count }) => sum + count, 0),
    switches: switchesView(commonSwitches),
    vendors: standIns.map(({ name, title, mount, apps, phones, switches }, index) => ({
      name,
      title,
      mount,
      open: index < openAtFirst,
      apps: apps.map(({ name: app, title: words, operations, slowly }) => ({
        name: app,
        title: words,
        operations,
        slowly,
      })),
      groups: phones.map(group => ({ name: groupName(group), app: group.app, words: group.words, looks: group.looks })),
      switches: switchesView(switches),
    })),
  }
}

function switchesView(table: SwitchTable): object {
  return Object.fromEntries(
    Object.entries(table).map(([name, { kind, choices, label }]) => [name, { kind, choices, label }]),
  )
}

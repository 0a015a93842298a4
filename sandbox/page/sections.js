// The vendors, one after the other: the first ones open, the others a line with its bar until they are opened.
import { createCard } from './cards.js'
import { make, setText } from './dom.js'
import { icon } from './icons.js'
import { byPart, createBar } from './marks.js'
import { count, t, words } from './texts.js'
import { vendors } from './vendors.js'

export function createSections(host) {
  const sections = vendors().map(createSection)
  host.append(...sections.map(({ element }) => element))
  const sectionOf = new Map(sections.flatMap(section => section.vendor.groups.map(({ name }) => [name, section])))
  return {
    /** Groups that have changed. */
    take: groups => {
      for (const group of groups) sectionOf.get(group.name)?.update(group)
    },
    redraw: () => {
      for (const section of sections) section.redraw()
    },
  }
}

function createSection(vendor) {
  const title = make('b')
  const apps = make('span', 'soft')
  const number = make('span', 'soft number')
  const bar = createBar()
  const summary = make('summary', '', icon('down'), make('h2', '', title), apps, number, bar.element)
  const cards = new Map(vendor.groups.map(group => [group.name, createCard(group)]))
  const element = make(
    'details',
    'vendor',
    summary,
    make('div', 'groups', ...[...cards.values()].map(one => one.element)),
  )
  element.id = `vendor-${vendor.name}`
  element.open = vendor.open
  const groups = new Map()

  const draw = () => {
    setText(title, words(vendor.title))
    setText(apps, vendor.apps.map(app => words(app.title)).join(' · '))
    const totals = {}
    let phones = 0
    for (const { counts, total } of groups.values()) {
      phones += total
      for (const [mark, n] of Object.entries(counts)) totals[mark] = (totals[mark] ?? 0) + n
    }
    setText(number, t().phonesOf(count(phones)))
    bar.update(byPart(totals))
  }

  return {
    vendor,
    element,
    update: group => {
      groups.set(group.name, group)
      cards.get(group.name).update(group)
      draw()
    },
    redraw: () => {
      for (const card of cards.values()) card.redraw()
      draw()
    },
  }
}

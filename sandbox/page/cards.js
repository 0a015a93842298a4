// One kind of phone: what the vendor can do there, a few of its phones, and all of them as dots.
import { make, setText } from './dom.js'
import { createDots, markNames } from './dots.js'
import { createPhone } from './phones.js'
import { count, t, words } from './texts.js'
import { groupNamed } from './vendors.js'

export function createCard({ name }) {
  const title = make('h3')
  const total = make('small')
  const effects = make('ul', 'effects')
  const frames = make('div', 'phones')
  const counts = make('ul', 'counts')
  const crowd = make('div', 'crowd')
  const element = make(
    'article',
    'group',
    make('header', '', title, total),
    effects,
    make('div', 'body', frames, make('div', 'all', crowd, counts)),
  )
  element.dataset.group = name
  element.dataset.looks = groupNamed(name).looks
  const phones = []
  let group = null
  let held = null

  /** The phone behind a dot takes the place of the last frame. */
  const hold = async number => {
    held = number
    dots.choose(number)
    await refreshHeld()
  }
  const refreshHeld = async () => {
    const reply = await fetch(`/_sandbox/phones/${encodeURIComponent(`${name}-${held}`)}`)
    if (reply.ok) phones.at(-1)?.update(await reply.json())
  }
  const dots = createDots(crowd, number => void hold(number))

  const update = next => {
    group = next
    element.classList.toggle('crowded', next.total > 1000)
    setText(title, words(groupNamed(name).words))
    setText(total, t().phonesOf(count(next.total), count(next.offline)))
    effects.replaceChildren(...Object.entries(next.effects).map(([operation, effect]) => chip(operation, effect)))
    next.phones.forEach((phone, index) => {
      if (phones[index] === undefined) {
        phones[index] = createPhone()
        frames.append(phones[index].element)
      }
      const isHeld = held !== null && index === next.phones.length - 1
      if (!isHeld) phones[index].update(phone)
    })
    if (held !== null) void refreshHeld()
    dots.update(next.marks)
    dots.canvas.setAttribute('aria-label', summary(next.counts))
    counts.replaceChildren(
      ...markNames
        .filter(mark => next.counts[mark] > 0)
        .map(mark => {
          const item = make(
            'li',
            '',
            make('i', `swatch ${mark}`),
            make('b', '', count(next.counts[mark])),
            ` ${t().marks[mark]}`,
          )
          item.dataset.mark = mark
          return item
        }),
    )
  }

  return { element, update, redraw: () => group && update(group) }
}

function chip(operation, effect) {
  const kind = effect === 'none' ? 'no' : effect === 'removes-while-alive' ? 'maybe' : 'yes'
  const words = t().operations[operation] + (kind === 'maybe' ? ` · ${t().whileAlive}` : '')
  const item = make('li', kind, words)
  item.title = t().effects[effect]
  return item
}

function summary(counts) {
  return markNames
    .filter(mark => counts[mark] > 0)
    .map(mark => `${t().marks[mark]} ${count(counts[mark])}`)
    .join(', ')
}

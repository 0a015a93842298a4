// What became of a phone's last notification: its letter on the wire, its part of the score, its shape among the dots.
import { make } from './dom.js'
import { count, t } from './texts.js'

export const letters = {
  '.': 'none',
  q: 'queued',
  s: 'shown',
  r: 'removed',
  e: 'stopped',
  p: 'replaced',
  b: 'beside',
  k: 'kept',
  c: 'clicked',
  x: 'cleared',
}

/** Parts of the score, in the order of the bar. The middle ones stand only where there are some. */
export const parts = {
  shown: { marks: ['shown'], shape: 'disc', always: true },
  stays: { marks: ['kept', 'beside'], shape: 'square', always: true },
  removed: { marks: ['removed'], shape: 'ring', always: true },
  replaced: { marks: ['replaced'], shape: 'pair', always: false },
  stopped: { marks: ['stopped'], shape: 'diamond', always: true },
  waiting: { marks: ['queued'], shape: 'dash', always: true },
  touched: { marks: ['clicked', 'cleared'], shape: 'cross', always: false },
  none: { marks: ['none'], shape: 'point', always: false },
}
export const partNames = Object.keys(parts)

const partOfMark = Object.fromEntries(partNames.flatMap(part => parts[part].marks.map(mark => [mark, part])))
export const partOfLetter = letter => partOfMark[letters[letter]]

/** Phones by part of the score, from phones by mark. */
export function byPart(counts) {
  const sums = Object.fromEntries(partNames.map(part => [part, 0]))
  for (const [mark, number] of Object.entries(counts)) sums[partOfMark[mark]] += number
  return sums
}

/** The legend's sign of a part: told by its shape as well as its colour. */
export function sign(part) {
  return make('i', `sign ${part} ${parts[part].shape}`)
}

/** A bar of the parts, each as wide as its number. `update(sums)` turns it. */
export function createBar() {
  const pieces = partNames.map(part => make('i', part))
  const element = make('div', 'bar', ...pieces)
  element.setAttribute('role', 'img')
  return {
    element,
    update: sums => {
      partNames.forEach((part, index) => {
        pieces[index].style.flexGrow = String(sums[part])
        pieces[index].hidden = sums[part] === 0
      })
      element.setAttribute('aria-label', summary(sums))
    },
  }
}

export function summary(sums) {
  const said = partNames.filter(part => sums[part] > 0).map(part => `${t().parts[part]} ${count(sums[part])}`)
  return said.join(t().comma)
}

// What became of all phones: one bar, and the numbers that it is made of.
import { make, setText } from './dom.js'
import { byPart, createBar, partNames, parts, sign } from './marks.js'
import { count, t } from './texts.js'

const bar = createBar()
const tiles = partNames
  .filter(part => part !== 'none')
  .map(part => {
    const number = make('b')
    const words = make('span')
    const element = make('div', 'tile', number, make('span', 'what', sign(part), words))
    element.dataset.part = part
    return { part, element, number, words }
  })

export function drawScore(groups) {
  const host = document.getElementById('score')
  if (host.childElementCount === 0)
    host.append(bar.element, make('div', 'tiles', ...tiles.map(({ element }) => element)))
  const totals = {}
  for (const { counts } of groups)
    for (const [mark, number] of Object.entries(counts)) totals[mark] = (totals[mark] ?? 0) + number
  const sums = byPart(totals)
  bar.update(sums)
  for (const { part, element, number, words } of tiles) {
    element.hidden = sums[part] === 0 && !parts[part].always
    setText(number, count(sums[part]))
    setText(words, t().parts[part])
  }
  drawHint(sums)
}

/** What to do next: how the wrong push is taken back, while there is one on screen. */
function drawHint({ shown, stays, removed }) {
  const said = shown > 0 ? 'hintShown' : removed > 0 && stays > 0 ? 'hintStays' : ''
  const hint = document.getElementById('hint')
  hint.hidden = said === ''
  if (said === '' || hint.dataset.said === `${said} ${t().comma}`) return
  hint.dataset.said = `${said} ${t().comma}`
  const link = make('a', '', t().openConsole)
  link.href = '/'
  hint.replaceChildren(t()[said], ...(said === 'hintShown' ? [' ', link] : []))
}

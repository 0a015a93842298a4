// One kind of phone: two of them drawn, what became of all, what the vendor can do there, and every one as a mark.
import { make, setText } from './dom.js'
import { createDots } from './dots.js'
import { hold } from './held.js'
import { icon } from './icons.js'
import { byPart, summary } from './marks.js'
import { createScreen } from './screens.js'
import { count, t, words } from './texts.js'

/** More phones than a narrow card has room for. */
const crowdedAbove = 1000
const operations = ['revoke', 'stop', 'overlay']

export function createCard({ name, words: title, looks }) {
  const heading = make('h3')
  const total = make('p', 'soft second')
  const frames = make('div', 'frames')
  const state = make('p', 'state')
  const effects = make('ul', 'effects')
  const crowd = make('div', 'crowd')
  const head = make('header', '', heading, total)
  const element = make('article', 'group card', head, frames, state, crowd, effects)
  element.dataset.group = name
  element.dataset.looks = looks
  const screens = []
  let group = null

  const dots = createDots(crowd, number => void hold(`${name}-${number}`, looks, words(title)))

  const update = next => {
    group = next
    element.toggleAttribute('data-crowded', next.total > crowdedAbove)
    setText(heading, words(title))
    setText(total, t().offlineOf(count(next.total), count(next.offline)))
    next.phones.forEach((phone, index) => {
      if (screens[index] === undefined) {
        screens[index] = createScreen(looks, () => void hold(phone.id, looks, words(title)))
        frames.append(screens[index].element)
      }
      screens[index].update(phone)
    })
    const sums = byPart(next.counts)
    drawState(state, sums)
    effects.replaceChildren(...operations.map(operation => chip(operation, next.effects[operation])))
    dots.update(next.marks)
    dots.canvas.setAttribute('aria-label', summary(sums))
  }

  return { element, update, redraw: () => group && update(group) }
}

/** What most of them tell, in a word. */
function stateOf({ shown, stays, removed, replaced, stopped, waiting, touched }) {
  if (shown > 0 && removed > 0) return ['removing', 'running']
  if (shown > 0 && replaced > 0) return ['replacing', 'running']
  const most = Object.entries({ shown, stays, removed, replaced, stopped, waiting, touched }).toSorted(
    ([, one], [, two]) => two - one,
  )[0]
  if (most[1] === 0) return ['none', 'none']
  return [most[0], { touched: 'yes', waiting: 'waiting' }[most[0]] ?? most[0]]
}

function drawState(element, sums) {
  const [state, drawn] = stateOf(sums)
  const also = state !== 'stays' && state !== 'shown' && sums.stays > 0 ? t().alsoStays(count(sums.stays)) : ''
  const text = `${t().states[state]}${also}`
  if (element.dataset.state === state && element.textContent === text) return
  element.dataset.state = state
  element.replaceChildren(icon(drawn), make('span', '', text))
}

function chip(operation, effect) {
  const item = make('li', effect === 'none' ? 'no' : 'yes', icon(effect === 'none' ? 'no' : 'yes'))
  const alive = effect === 'removes-while-alive' ? t().whileAlive : ''
  item.append(make('span', '', t().operations[operation] + alive))
  item.title = t().effects[effect]
  return item
}

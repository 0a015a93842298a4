// A phone, drawn: its frame, and the notifications on its screen as they come, turn and go.
import { make, setText, timeOf } from './dom.js'
import { t } from './texts.js'

const leaveMs = 700

/** Filled by `update(phone)`. With `pick` the whole of it is a button; `touch(notice)` gives what stands under a notification. */
export function createScreen(looks, pick, touch = () => []) {
  const clock = make('span')
  const badge = make('b', 'badge')
  const shade = make('div', 'shade')
  const empty = make('p', 'empty')
  const status = make('div', 'status', clock, badge)
  const screen = make('div', 'screen', status, shade)
  const element = make(pick ? 'button' : 'div', 'device', screen)
  element.dataset.looks = looks
  if (pick) {
    element.type = 'button'
    element.addEventListener('click', pick)
  }
  const shown = new Map()
  let before = null

  const update = phone => {
    if (before?.id !== phone.id) {
      shown.clear()
      shade.replaceChildren()
    }
    element.dataset.phone = phone.id
    element.classList.toggle('off', !phone.online)
    setText(clock, timeOf(new Date()))
    badge.hidden = phone.badge === 0
    setText(badge, String(phone.badge))
    drawNotices(phone, before?.id === phone.id)
    const words = phone.online ? t().empty : t().offlineNow
    const left = phone.notices.some(({ state }) => state !== 'cleared')
    setText(empty, words)
    if (left) empty.remove()
    else shade.append(empty)
    if (pick) element.setAttribute('aria-label', t().lookAt(phone.id, left ? (phone.notices[0]?.title ?? '') : words))
    before = phone
  }

  const drawNotices = ({ notices }, animate) => {
    const wanted = notices.filter(({ state }) => state !== 'cleared')
    const keys = new Set(wanted.map(idOf))
    const cleared = new Set(notices.filter(({ state }) => state === 'cleared').map(idOf))
    const turned = wanted.some(notice => notice.correction && !shown.has(idOf(notice)))
    for (const [id, item] of shown) {
      if (keys.has(id)) continue
      shown.delete(id)
      // what was replaced does not fly off: the new one stands in its place
      if (turned && !cleared.has(id)) item.remove()
      else leave(item, cleared.has(id) ? 'swiped' : 'vanishing')
    }
    wanted.forEach((notice, index) => {
      const id = idOf(notice)
      const known = shown.get(id)
      const item = known ?? make('div', '', ...noticeParts(notice))
      item.className = `notice ${notice.state}${notice.correction ? ' replaced' : ''}${known || !animate ? '' : ' fresh'}`
      item.querySelector('.touch')?.remove()
      const acts = touch(notice)
      if (acts.length > 0) item.append(make('div', 'touch', ...acts))
      setText(item.querySelector('.source'), t().app)
      shown.set(id, item)
      const live = [...shade.children].filter(child => !child.classList.contains('leaving'))
      if (live[index] !== item) shade.insertBefore(item, live[index] ?? null)
    })
  }

  return { element, update }
}

function noticeParts({ title, body, url, shownAt }) {
  const from = make('div', 'from', make('i'), make('span', 'source'), make('time', '', timeOf(shownAt)))
  return [from, make('b', '', title), make('span', 'text', body), ...(url ? [make('span', 'link', url)] : [])]
}

/** One key may be there twice: once opened, and once new. */
const idOf = ({ key, shownAt, title }) => `${key} ${shownAt} ${title}`

function leave(item, how) {
  item.style.setProperty('--height', `${item.offsetHeight}px`)
  item.className = `notice leaving ${how}`
  setTimeout(() => item.remove(), leaveMs)
}

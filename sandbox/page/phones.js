// One phone in its frame, with its notification centre.
import { button, make, send, setText, timeOf } from './dom.js'
import { t } from './texts.js'

const leaveMs = 800

/** A frame that is filled by `update(phone)`. */
export function createPhone() {
  const clock = make('span', 'clock')
  const signal = make('span', 'signal')
  const shade = make('div', 'shade')
  const empty = make('p', 'empty')
  const badge = make('b', 'badge')
  const icon = make('span', 'icon', badge)
  const screen = make('div', 'screen', make('div', 'status', clock, signal), shade, make('div', 'dock', icon))
  const fate = make('p', 'fate')
  const actions = make('div', 'actions')
  const element = make('article', 'phone', make('div', 'device', screen), fate, actions)
  const shown = new Map()
  let phone = null

  const change = body => send('POST', `/_sandbox/phones/${encodeURIComponent(phone.id)}`, body).catch(() => {})

  const update = next => {
    const same = phone?.id === next.id
    if (!same) {
      shown.clear()
      shade.replaceChildren()
    }
    const before = phone
    phone = next
    element.dataset.phone = next.id
    element.dataset.kind = next.looks
    element.dataset.mark = next.mark
    element.classList.toggle('off', !next.online)
    element.classList.toggle('dead', !next.alive)
    setText(clock, timeOf(new Date()))
    setText(signal, next.online ? '' : t().offlineNow)
    badge.hidden = next.badge === 0
    setText(badge, String(next.badge))
    drawNotices(same ? before : null)
    const left = next.notices.some(notice => notice.state !== 'cleared')
    empty.textContent = t().empty
    if (left) empty.remove()
    else shade.append(empty)
    setText(fate, fateOf(next))
    actions.replaceChildren(
      make('span', 'name', `#${next.id.slice(next.id.lastIndexOf('-') + 1)}`),
      button(next.online ? t().offline : t().online, () => change({ online: !next.online })),
      ...(next.appDies
        ? [button(next.alive ? t().kill : t().launch, () => change({ app: next.alive ? 'killed' : 'alive' }))]
        : []),
    )
  }

  const drawNotices = before => {
    const wanted = phone.notices.filter(notice => notice.state !== 'cleared')
    const keys = new Set(wanted.map(idOf))
    const cleared = new Set(phone.notices.filter(notice => notice.state === 'cleared').map(idOf))
    const replacedNow = wanted.some(notice => notice.correction && !shown.has(idOf(notice)))
    for (const [id, item] of shown) {
      if (keys.has(id)) continue
      shown.delete(id)
      if (replacedNow && !cleared.has(id)) item.remove()
      else leave(item, cleared.has(id) ? 'swiped' : 'vanishing')
    }
    wanted.forEach((notice, index) => {
      const id = idOf(notice)
      const known = shown.get(id)
      const item = known ?? createNotice(notice)
      item.className = `notice ${notice.state}${notice.correction ? ' replaced' : ''}${known || before === null ? '' : ' fresh'}`
      item.classList.toggle('still', known !== undefined)
      drawActions(item, notice)
      shown.set(id, item)
      const live = [...shade.children].filter(child => !child.classList.contains('leaving'))
      if (live[index] !== item) shade.insertBefore(item, live[index] ?? null)
    })
  }

  const createNotice = ({ title, body, url, shownAt }) =>
    make(
      'div',
      'notice',
      make('div', 'from', make('i', 'mini'), make('span', 'source', t().app), make('time', '', timeOf(shownAt))),
      make('b', '', title),
      make('span', 'text', body),
      ...(url ? [make('span', 'link', url)] : []),
      make('div', 'touch'),
    )

  const drawActions = (item, notice) => {
    setText(item.querySelector('.source'), t().app)
    const actions =
      notice.state === 'shown'
        ? [
            button(t().click, () => change({ click: notice.key })),
            button(t().clear, () => change({ clear: notice.key })),
          ]
        : [make('em', '', t().marks.clicked)]
    item.querySelector('.touch').replaceChildren(...actions)
  }

  return { element, update }
}

/** One key may be there twice: once opened, and once new. */
const idOf = ({ key, shownAt, title }) => `${key} ${shownAt} ${title}`

function leave(item, how) {
  item.style.setProperty('--height', `${item.offsetHeight}px`)
  item.className = `notice leaving ${how}`
  setTimeout(() => item.remove(), leaveMs)
}

function fateOf({ mark, queued, online, alive }) {
  const dead = alive ? '' : t().appKilled
  const waits = queued > 0 && !online ? t().waiting(queued) : ''
  const said = mark === 'none' || mark === 'queued' ? '' : t().marks[mark]
  return [said, waits, dead].filter(Boolean).join(' · ')
}

// One phone in the hand: large, with what its owner can do.
import { button, make, send, setText } from './dom.js'
import { icon } from './icons.js'
import { createScreen } from './screens.js'
import { t } from './texts.js'

const everyMs = 500
let timer = 0

/** Opens the phone of this id, and shows it as it changes until it is put down. */
export async function hold(id, looks, kind) {
  const dialog = document.getElementById('held')
  const path = `/_sandbox/phones/${encodeURIComponent(id)}`
  const change = async body => {
    // another window may have touched it first: what is shown next says so
    await send('POST', path, body).catch(() => {})
    await refresh()
  }
  const touch = notice =>
    notice.state === 'shown'
      ? [
          button(t().click, () => void change({ click: notice.key })),
          button(t().clear, () => void change({ clear: notice.key })),
        ]
      : [make('em', '', t().states.touched)]
  const screen = createScreen(looks, null, touch)
  const heading = make('h2', '', `${kind} ${id.slice(id.lastIndexOf('-') + 1)}`)
  heading.id = 'held-title'
  const fate = make('p', 'soft')
  const acts = make('div', 'acts')
  const close = button('', () => dialog.close(), 'quiet')
  close.setAttribute('aria-label', t().close)
  close.append(icon('close'))
  dialog.replaceChildren(make('div', 'held-head', heading, close), screen.element, fate, acts)

  const refresh = async () => {
    const reply = await fetch(path).catch(() => null)
    if (reply === null || !reply.ok || !dialog.open) return
    const phone = await reply.json()
    screen.update(phone)
    setText(fate, fateOf(phone))
    const online = button(phone.online ? t().offline : t().online, () => void change({ online: !phone.online }))
    const life = button(
      phone.alive ? t().kill : t().launch,
      () => void change({ app: phone.alive ? 'killed' : 'alive' }),
    )
    const focused = [...acts.children].indexOf(document.activeElement)
    acts.replaceChildren(online, ...(phone.appDies ? [life] : []))
    acts.children[focused]?.focus()
  }

  dialog.showModal()
  dialog.addEventListener('close', () => clearInterval(timer), { once: true })
  clearInterval(timer)
  timer = setInterval(() => void refresh(), everyMs)
  await refresh()
}

function fateOf({ mark, queued, online, alive }) {
  const said = mark === 'none' || mark === 'queued' ? '' : t().marks[mark]
  const waits = queued > 0 && !online ? t().waiting(queued) : ''
  return [said, waits, alive ? '' : t().appKilled].filter(Boolean).join(' · ')
}

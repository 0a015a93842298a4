// The sandbox page: draws what /_sandbox/events says.
import { createCard } from './cards.js'
import { send, setText } from './dom.js'
import { drawCalls, drawScore, drawSwitches } from './panels.js'
import { drawSend } from './send.js'
import { drawTexts, otherLanguage, t } from './texts.js'
import { drawVerdict, loadVerdict } from './verdict.js'

const groups = new Map()
const cards = new Map()
let switches = null
let calls = null

function take(parts) {
  for (const [name, part] of Object.entries(parts)) {
    if (name.startsWith('group:')) takeGroup(part)
    else if (name === 'switches') switches = part
    else if (name === 'calls') calls = part
  }
  if (parts.switches) drawSwitches(switches)
  if (parts.calls) drawCalls(calls)
  drawScore(groups.values())
}

function takeGroup(group) {
  groups.set(group.name, group)
  let card = cards.get(group.name)
  if (card === undefined) {
    card = createCard(group)
    cards.set(group.name, card)
    const section = group.app === 'news-harmony' ? '#push-kit' : '#tpns'
    document.querySelector(`${section} .groups`).append(card.element)
  }
  card.update(group)
}

function drawAll() {
  drawTexts()
  drawSend()
  drawVerdict()
  for (const card of cards.values()) card.redraw()
  if (switches) drawSwitches(switches)
  if (calls) drawCalls(calls)
  if (groups.size > 0) drawScore(groups.values())
}

document.getElementById('language').addEventListener('click', () => {
  otherLanguage()
  drawAll()
})
document.getElementById('reset').addEventListener('click', () => void send('POST', '/_sandbox/reset', {}))

const live = document.getElementById('live')
function showLive(name) {
  live.dataset.text = name
  live.classList.toggle('on', name === 'live')
  setText(live, t()[name])
}

drawTexts()
drawSend()
void loadVerdict()
const events = new EventSource('/_sandbox/events')
events.addEventListener('message', event => {
  showLive('live')
  take(JSON.parse(event.data))
})
events.addEventListener('error', () => showLive('lost'))

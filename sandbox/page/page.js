// The sandbox page: draws what /_sandbox/events says.
import { createCard } from './cards.js'
import { make, send, setText } from './dom.js'
import { drawCalls, drawScore, drawSwitches } from './panels.js'
import { drawSend } from './send.js'
import { drawTexts, otherLanguage, t, words } from './texts.js'
import { loadVendors, vendorOf, vendors } from './vendors.js'
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
    sectionOf(vendorOf(group.app)).querySelector('.groups').append(card.element)
  }
  card.update(group)
}

/** A vendor's part of the page; the first ones stand open. */
function sectionOf(vendor) {
  const known = document.getElementById(`vendor-${vendor.name}`)
  if (known !== null) return known
  const summary = make('summary', '', make('b'), ' ', make('small'))
  const section = make('details', 'vendor', summary, make('div', 'groups'))
  section.id = `vendor-${vendor.name}`
  section.open = vendor.open
  document.querySelector('main').append(section)
  drawSection(section, vendor)
  return section
}

function drawSection(section, { title, apps }) {
  setText(section.querySelector('summary b'), words(title))
  setText(section.querySelector('summary small'), apps.map(app => words(app.title)).join(' · '))
}

function drawAll() {
  drawTexts()
  drawSend()
  drawVerdict()
  for (const vendor of vendors()) drawSection(sectionOf(vendor), vendor)
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

await loadVendors()
for (const vendor of vendors()) sectionOf(vendor)
drawTexts()
drawSend()
void loadVerdict()
const events = new EventSource('/_sandbox/events')
events.addEventListener('message', event => {
  showLive('live')
  take(JSON.parse(event.data))
})
events.addEventListener('error', () => showLive('lost'))

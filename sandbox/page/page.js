// The sandbox page: draws what /_sandbox/events says.
import { drawCalls } from './calls.js'
import { send } from './dom.js'
import { repaintDots } from './dots.js'
import { showLive, startHeader } from './header.js'
import { drawScore } from './score.js'
import { drawSend } from './send.js'
import { drawSwitches } from './switches.js'
import { loadVendors } from './vendors.js'
import { createSections } from './sections.js'
import { drawVerdict, loadVerdict } from './verdict.js'

const groups = new Map()
let switches = null
let calls = null

await loadVendors()
const sections = createSections(document.getElementById('vendors'))

function take(parts) {
  for (const [name, part] of Object.entries(parts)) {
    if (name === 'switches') switches = part
    else if (name === 'calls') calls = part
    else groups.set(part.name, part)
  }
  sections.take(Object.values(parts).filter(part => groups.get(part.name) === part))
  if (parts.switches) drawSwitches(switches)
  if (parts.calls) drawCalls(calls)
  drawScore(groups.values())
}

function drawAll() {
  drawSend()
  drawVerdict()
  repaintDots()
  sections.redraw()
  if (switches) drawSwitches(switches)
  if (calls) drawCalls(calls)
  if (groups.size > 0) drawScore(groups.values())
}

startHeader(drawAll)
drawAll()
document.getElementById('reset').addEventListener('click', () => void send('POST', '/_sandbox/reset', {}))
void loadVerdict()
const events = new EventSource('/_sandbox/events')
events.addEventListener('message', event => {
  showLive('live')
  take(JSON.parse(event.data))
})
events.addEventListener('error', () => showLive('lost'))

// Sends a wrong push, and says how to take exactly that one back.
import { button, field, make, panelHead, segments, select, send, shellLine, textInput } from './dom.js'
import { t, words } from './texts.js'
import { apps, vendors } from './vendors.js'

const slowPerSecond = 20
const pastedAtMost = 400

let chosen = ''
let operation = 'revoke'
/** What takes that back from a terminal. */
let line = ''
let slowly = false
/** What was sent last, as the sandbox answered. */
let sent = null
let problem = ''
/** What the sender has typed; null: the draft of the language. */
let title = null
let body = null

const appNamed = wanted => apps().find(({ name }) => name === wanted) ?? apps()[0]

export function drawSend() {
  document
    .getElementById('send')
    .replaceChildren(panelHead('send-title', t().sendTitle, t().sendLead), form(), ...(sent === null ? [] : [answer()]))
}

function form() {
  const app = appNamed(chosen)
  const choices = vendors().flatMap(vendor =>
    vendor.apps.map(own => [own.name, `${words(own.title)} · ${words(vendor.title)}`]),
  )
  const picker = select(choices, app.name, name => {
    chosen = name
    drawSend()
  })
  const go = make(
    'div',
    'go',
    make('span', 'problem', problem),
    button(t().sendNow, () => void sendPush(), 'button primary'),
  )
  if (app.slowly) go.prepend(slowBox())
  return make(
    'div',
    'form',
    field(t().sendApp, picker),
    field(
      t().sendHeading,
      textInput(title ?? t().draft.title, typed => (title = typed)),
    ),
    field(
      t().sendBody,
      textInput(body ?? t().draft.body, typed => (body = typed)),
    ),
    go,
  )
}

function slowBox() {
  const slow = make('input')
  slow.type = 'checkbox'
  slow.checked = slowly
  slow.addEventListener('change', () => (slowly = slow.checked))
  return make('label', 'box', slow, make('span', '', t().slowly))
}

async function sendPush() {
  problem = ''
  const app = appNamed(chosen)
  try {
    const { tokens: _, ...rest } = await send('POST', '/_sandbox/push', {
      app: app.name,
      title: title ?? t().draft.title,
      content: body ?? t().draft.body,
      ...(slowly && app.slowly ? { perSecond: slowPerSecond } : {}),
    })
    sent = rest
    await choose(app.operations[0])
  } catch (error) {
    problem = error.message
  }
  drawSend()
}

function answer() {
  const choices = appNamed(sent.app).operations.map(name => [name, t().operations[name]])
  const picker = segments(choices, operation, name => void choose(name).then(drawSend))
  return make('div', 'answer', make('p', 'soft', t().sentHint), picker, shellLine(line, t()))
}

async function choose(name) {
  operation = name
  const path = `${sent.recall}${name === 'overlay' ? '&operation=overlay' : ''}`
  const reply = await fetch(path)
  line = lineOf(path, JSON.stringify(await reply.json()))
}

/** The body comes from the sandbox where it is longer than a person wants to paste: it may hold thousands of tokens. */
function lineOf(path, text) {
  const { origin } = location
  const head = `-H "Authorization: Bearer $UNPUSH_KEY" -H 'Content-Type: application/json' -H 'Prefer: wait=10'`
  const post = `curl -sS -X POST ${origin}/v1/${operation} ${head}`
  if (text.length <= pastedAtMost) return `${post} -d '${text.replaceAll("'", String.raw`'\''`)}'`
  return `curl -sS '${origin}${path}' | ${post} -d @-`
}

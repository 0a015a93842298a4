// Sends a wrong push, and says how to take exactly that one back.
import { button, make, send } from './dom.js'
import { t, words } from './texts.js'
import { apps } from './vendors.js'

const slowPerSecond = 20
const copiedMs = 1600
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
let typed = null

export function drawSend() {
  const host = document.getElementById('send')
  const heading = make('h2', '', t().sendTitle)
  heading.id = 'send-title'
  host.replaceChildren(heading, form(), ...(sent === null ? [] : [answer()]))
}

const appNamed = wanted => apps().find(({ name }) => name === wanted) ?? apps()[0]

function form() {
  chosen = appNamed(chosen).name
  const title = field(t().sendHeading, typed?.title ?? t().draft.title)
  const body = field(t().sendBody, typed?.body ?? t().draft.body)
  const keep = () => (typed = { title: title.input.value, body: body.input.value })
  title.input.addEventListener('input', keep)
  body.input.addEventListener('input', keep)
  const picker = make(
    'div',
    'segments',
    ...apps().map(({ name: app, title: titles }) => {
      const option = button(words(titles), () => {
        chosen = app
        drawSend()
      })
      option.setAttribute('aria-pressed', String(app === chosen))
      return option
    }),
  )
  const slow = make('input')
  slow.type = 'checkbox'
  slow.checked = slowly
  slow.addEventListener('change', () => (slowly = slow.checked))
  const go = button(t().sendNow, () => void sendPush(title.input.value, body.input.value), 'primary')
  const row = make('div', 'go', make('span', 'problem', problem), go)
  if (appNamed(chosen).slowly) row.prepend(make('label', 'slow', slow, make('span', '', t().slowly)))
  return make('div', 'form', picker, title.label, body.label, row)
}

function field(name, value) {
  const input = make('input')
  input.type = 'text'
  input.value = value
  input.maxLength = 200
  return { input, label: make('label', 'field', make('span', '', name), input) }
}

async function sendPush(title, content) {
  problem = ''
  try {
    const { tokens: _, ...rest } = await send('POST', '/_sandbox/push', {
      app: chosen,
      title,
      content,
      ...(slowly && appNamed(chosen).slowly ? { perSecond: slowPerSecond } : {}),
    })
    sent = rest
    await choose(appNamed(chosen).operations[0])
  } catch (error) {
    problem = error.message
  }
  drawSend()
}

function answer() {
  const code = make('code', '', line)
  const copy = button(t().copy, async () => {
    await navigator.clipboard.writeText(code.textContent)
    copy.textContent = t().copied
    setTimeout(() => (copy.textContent = t().copy), copiedMs)
  })
  const picker = make(
    'div',
    'segments small',
    ...appNamed(sent.app).operations.map(name => {
      const option = button(t().operations[name], () => void choose(name).then(drawSend))
      option.setAttribute('aria-pressed', String(name === operation))
      return option
    }),
  )
  return make('div', 'answer', make('p', '', t().sent.hint), make('div', 'row', picker, copy), make('pre', '', code))
}

async function choose(name) {
  operation = name
  const path = `${sent.recall}${name === 'overlay' ? '&operation=overlay' : ''}`
  const reply = await fetch(path)
  line = lineOf(path, JSON.stringify(await reply.json()))
}

/** The body comes from the sandbox where it is longer than a person wants to paste: it may hold thousands of tokens. */
function lineOf(path, body) {
  const { origin } = location
  const head = `-H "Authorization: Bearer $UNPUSH_KEY" -H 'Content-Type: application/json' -H 'Prefer: wait=10'`
  const post = `curl -sS -X POST ${origin}/v1/${operation} ${head}`
  if (body.length <= pastedAtMost) return `${post} -d '${body.replaceAll("'", String.raw`'\''`)}'`
  return `curl -sS '${origin}${path}' | ${post} -d @-`
}

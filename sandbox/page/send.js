// Sends a wrong push, and says how to take exactly that one back.
import { button, make, send } from './dom.js'
import { t } from './texts.js'

const apps = ['news-android', 'news-ios', 'news-harmony']
/** Where a vendor has no such operation, it is not offered. */
const operations = {
  'news-android': ['revoke', 'stop', 'overlay'],
  'news-ios': ['revoke', 'overlay'],
  'news-harmony': ['revoke', 'overlay'],
}
const slowPerSecond = 20
const copiedMs = 1600

let chosen = 'news-android'
let operation = 'revoke'
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

function form() {
  const title = field(t().sendHeading, typed?.title ?? t().draft.title)
  const body = field(t().sendBody, typed?.body ?? t().draft.body)
  const keep = () => (typed = { title: title.input.value, body: body.input.value })
  title.input.addEventListener('input', keep)
  body.input.addEventListener('input', keep)
  const picker = make(
    'div',
    'segments',
    ...apps.map(app => {
      const option = button(t().apps[app], () => {
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
  if (chosen !== 'news-harmony') row.prepend(make('label', 'slow', slow, make('span', '', t().slowly)))
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
      ...(slowly && chosen !== 'news-harmony' ? { perSecond: slowPerSecond } : {}),
    })
    sent = rest
    operation = 'revoke'
  } catch (error) {
    problem = error.message
  }
  drawSend()
}

function answer() {
  const code = make('code', '', curl())
  const copy = button(t().copy, async () => {
    await navigator.clipboard.writeText(code.textContent)
    copy.textContent = t().copied
    setTimeout(() => (copy.textContent = t().copy), copiedMs)
  })
  const picker = make(
    'div',
    'segments small',
    ...operations[sent.app].map(name => {
      const option = button(t().operations[name], () => {
        operation = name
        drawSend()
      })
      option.setAttribute('aria-pressed', String(name === operation))
      return option
    }),
  )
  return make('div', 'answer', make('p', '', t().sent.hint), make('div', 'row', picker, copy), make('pre', '', code))
}

/** The body comes from the sandbox where it holds more than a person wants to paste: 2,500 tokens. */
function curl() {
  const { origin } = location
  const head = `-H "Authorization: Bearer $UNPUSH_KEY" -H 'Content-Type: application/json' -H 'Prefer: wait=10'`
  const post = `curl -sS -X POST ${origin}/v1/${operation} ${head}`
  const simple = sent.app !== 'news-harmony' && operation !== 'overlay'
  const body = JSON.stringify({ target: { app: sent.app, pushId: sent.pushId }, reason: 'wrong link' })
  if (simple) return `${post} -d '${body}'`
  return `curl -sS '${origin}${sent.recall}&operation=${operation}' | ${post} -d @-`
}

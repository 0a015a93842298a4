// The score over all phones, the switches, and the calls that the vendors received.
import { make, send, setText, timeOf } from './dom.js'
import { count, t } from './texts.js'

/** Each by the marks of its phones; the first by what they show, since an older one may be gone beside it. */
const tiles = {
  screen: null,
  removed: ['removed'],
  replaced: ['replaced'],
  stopped: ['stopped'],
  queued: ['queued'],
  touched: ['clicked', 'cleared'],
}
const barOrder = ['shown', 'kept', 'beside', 'queued', 'removed', 'replaced', 'stopped', 'clicked', 'cleared', 'none']

const choices = {
  failure: [
    null,
    'http429',
    'http503',
    'reset',
    'html',
    'empty',
    'truncated',
    'timeout',
    'unknownCode',
    'halfEmoji',
    'nul',
    'loneSurrogate',
    'nested',
  ],
  idleConnections: [null, 'reset', 'silence'],
  pushIdField: ['either', 'pushId', 'pushid'],
  controlAnswers: ['camelCase', 'snake_case'],
}
const freeText = new Set(['only'])
const shownCalls = 40
const toastMs = 5200
const toastsAtMost = 3

export function drawScore(groups) {
  const totals = {}
  let showing = 0
  for (const group of groups) {
    showing += group.showing
    for (const [mark, number] of Object.entries(group.counts)) totals[mark] = (totals[mark] ?? 0) + number
  }
  const sum = marks => marks.reduce((all, mark) => all + (totals[mark] ?? 0), 0)
  const score = document.getElementById('score')
  if (score.childElementCount === 0) score.append(createBar(), createTiles())
  for (const part of score.querySelectorAll('.bar i')) part.style.flexGrow = String(totals[part.dataset.mark] ?? 0)
  for (const tile of score.querySelectorAll('.tile')) {
    const name = tile.dataset.tile
    const [number, label, more] = tile.children
    const value = tiles[name] === null ? showing : sum(tiles[name])
    tile.classList.toggle('zero', value === 0)
    setText(number, count(value))
    setText(label, t().tiles[name])
    setText(more, name === 'screen' && totals.kept > 0 ? t().keptOf(count(totals.kept)) : '')
  }
}

function createBar() {
  return make(
    'div',
    'bar',
    ...barOrder.map(mark => {
      const part = make('i', `swatch ${mark}`)
      part.dataset.mark = mark
      return part
    }),
  )
}

function createTiles() {
  return make(
    'div',
    'tiles',
    ...Object.keys(tiles).map(name => {
      const tile = make('div', 'tile', make('b'), make('span'), make('small'))
      tile.dataset.tile = name
      return tile
    }),
  )
}

export function drawSwitches(switches) {
  const host = document.getElementById('switches')
  if (host.contains(document.activeElement) && document.activeElement.tagName !== 'BODY') return
  host.replaceChildren(
    ...Object.entries(switches).map(([vendor, members]) =>
      make(
        'fieldset',
        '',
        make('legend', '', vendor === 'tpns' ? 'Tencent TPNS' : 'Huawei Push Kit'),
        ...Object.entries(members).map(([name, value]) => drawSwitch(vendor, name, value)),
      ),
    ),
  )
}

function drawSwitch(vendor, name, value) {
  const input = control(name, value)
  const label = make(
    'label',
    typeof value === 'boolean' ? 'check' : '',
    make('span', '', t().names[name] ?? name),
    input,
  )
  input.dataset.switch = `${vendor}.${name}`
  input.addEventListener('change', async () => {
    label.classList.remove('wrong')
    label.removeAttribute('title')
    try {
      await send('PATCH', '/_sandbox/switches', { [vendor]: { [name]: read(name, value, input) } })
      input.blur()
    } catch (error) {
      label.classList.add('wrong')
      label.title = error.message
    }
  })
  return label
}

function control(name, value) {
  if (choices[name]) {
    const select = make('select')
    for (const choice of choices[name]) {
      const option = make('option', '', choice ?? t().noFailure)
      option.value = choice ?? ''
      option.selected = choice === value
      select.append(option)
    }
    return select
  }
  const input = make('input')
  if (typeof value === 'boolean') {
    input.type = 'checkbox'
    input.checked = value
    return input
  }
  input.type = freeText.has(name) ? 'text' : 'number'
  input.placeholder = '—'
  if (name === 'share') input.step = '0.1'
  input.min = '0'
  input.value = value === null ? '' : String(value)
  return input
}

function read(name, value, input) {
  if (typeof value === 'boolean') return input.checked
  if (input.value === '') return null
  return choices[name] || freeText.has(name) ? input.value : Number(input.value)
}

let lastCall = null

/** `toast`: also as a note that goes by itself. */
export function drawCalls(calls) {
  const host = document.getElementById('calls')
  const rows = calls.slice(0, shownCalls).map(call => make('li', '', ...callParts(call)))
  host.replaceChildren(...(rows.length > 0 ? rows : [make('li', 'none', t().noCalls)]))
  const newest = calls[0]?.number ?? 0
  if (lastCall !== null) {
    const fresh = calls.filter(({ number }) => number > lastCall).slice(0, toastsAtMost)
    for (const call of fresh.toReversed()) toast(call)
  }
  lastCall = newest
}

function toast(call) {
  const note = make('div', 'toast', ...callParts(call))
  const host = document.getElementById('toasts')
  host.append(note)
  while (host.childElementCount > toastsAtMost) host.firstElementChild.remove()
  setTimeout(() => note.remove(), toastMs)
}

const good = new Set(['0', '80000000'])
const partly = new Set(['80100000', '80100020'])

function callParts({ at, vendor, path, tokens, httpStatus, code, fault, durationMs }) {
  const operation = path.slice(path.lastIndexOf('/') + 1)
  const kind = fault === null ? (good.has(code) ? 'yes' : partly.has(code) ? 'partly' : 'no') : 'fault'
  const said = code === String(httpStatus) ? `HTTP ${code}` : `${httpStatus ?? t().nothingSent} · ${code}`
  const what = make('span', 'what', operation)
  what.title = path
  return [
    make('time', '', timeOf(at, true)),
    make('span', 'vendor', vendor === 'tpns' ? 'TPNS' : 'Push Kit'),
    what,
    make('span', 'tokens', tokens === null ? '' : t().tokens(count(tokens))),
    make('span', `code ${kind}`, fault !== null && fault !== code ? `${said} · ${fault}` : said),
    make('span', 'took', `${durationMs} ms`),
  ]
}

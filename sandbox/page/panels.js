// The score over all phones, the switches, and the calls that the vendors received.
import { make, send, setText, timeOf } from './dom.js'
import { count, t, words } from './texts.js'
import { switchOf, vendorNamed } from './vendors.js'

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
        make('legend', '', words(vendorNamed(vendor).title)),
        ...Object.entries(members).map(([name, value]) => drawSwitch(vendor, name, value)),
      ),
    ),
  )
}

function drawSwitch(vendor, name, value) {
  const { kind, choices, label: said } = switchOf(vendor, name)
  const input = control(name, value, kind, choices)
  const label = make('label', typeof value === 'boolean' ? 'check' : '', make('span', '', words(said)), input)
  input.dataset.switch = `${vendor}.${name}`
  input.addEventListener('change', async () => {
    label.classList.remove('wrong')
    label.removeAttribute('title')
    try {
      await send('PATCH', '/_sandbox/switches', { [vendor]: { [name]: read(kind, input) } })
      input.blur()
    } catch (error) {
      label.classList.add('wrong')
      label.title = error.message
    }
  })
  return label
}

function control(name, value, kind, choices) {
  if (kind === 'choice') {
    const select = make('select')
    for (const choice of choices) {
      const option = make('option', '', choice ?? t().noFailure)
      option.value = choice ?? ''
      option.selected = choice === value
      select.append(option)
    }
    return select
  }
  const input = make('input')
  if (kind === 'check') {
    input.type = 'checkbox'
    input.checked = value
    return input
  }
  input.type = kind
  input.placeholder = '—'
  if (name === 'share') input.step = '0.1'
  input.min = '0'
  input.value = value === null ? '' : String(value)
  return input
}

function read(kind, input) {
  if (kind === 'check') return input.checked
  if (input.value === '') return null
  return kind === 'number' ? Number(input.value) : input.value
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

function callParts({ at, vendor, method, path, tokens, httpStatus, code, said, fault, durationMs }) {
  const operation = path.slice(path.lastIndexOf('/') + 1)
  const kind = fault === null ? said : 'fault'
  const status = code === String(httpStatus) ? `HTTP ${code}` : `${httpStatus ?? t().nothingSent} · ${code}`
  const what = make('span', 'what', `${method} ${operation}`)
  what.title = path
  return [
    make('time', '', timeOf(at, true)),
    make('span', 'vendor', words(vendorNamed(vendor).title)),
    what,
    make('span', 'tokens', tokens === null ? '' : t().tokens(count(tokens))),
    make('span', `code ${kind}`, fault !== null && fault !== code ? `${status} · ${fault}` : status),
    make('span', 'took', `${durationMs} ms`),
  ]
}

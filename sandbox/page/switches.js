// The switches of one vendor at a time: those that all have, and its own.
import { make, panelHead, select, send } from './dom.js'
import { t, words } from './texts.js'
import { switchOf, vendorNamed, vendors } from './vendors.js'

let chosen = ''
/** As the sandbox had them first: what differs from that was thrown. */
let honest = null
let known = {}

export function drawSwitches(switches) {
  known = switches
  honest ??= structuredClone(switches)
  const host = document.getElementById('switches')
  // somebody is typing
  if (host.contains(document.activeElement) && document.activeElement.matches('input, select')) return
  draw(host)
}

function draw(host) {
  chosen = vendorNamed(chosen)?.name ?? vendors()[0].name
  const choices = vendors().map(({ name, title }) => {
    const thrown = thrownOf(name)
    return [name, thrown === 0 ? words(title) : `${words(title)} · ${t().thrown(thrown)}`]
  })
  const picker = select(choices, chosen, name => {
    chosen = name
    draw(host)
  })
  picker.setAttribute('aria-label', t().vendor)
  // boxes to tick stand together, below the fields
  const isBox = name => switchOf(chosen, name).kind === 'check'
  const names = Object.keys(known[chosen]).toSorted((one, two) => Number(isBox(one)) - Number(isBox(two)))
  const rows = names.map(name => drawSwitch(name, known[chosen][name]))
  host.replaceChildren(
    panelHead('switches-title', t().switches, t().switchesHint),
    make('div', 'form', picker),
    make('div', 'switch-list', ...rows),
  )
}

function thrownOf(vendor) {
  return Object.entries(known[vendor]).filter(([name, value]) => value !== honest[vendor][name]).length
}

function drawSwitch(name, value) {
  const { kind, choices, label: said } = switchOf(chosen, name)
  const input = control(name, value, kind, choices)
  const label = make('label', kind === 'check' ? 'box' : 'switch', make('span', '', words(said)))
  if (kind === 'check') label.prepend(input)
  else label.append(input)
  label.classList.toggle('thrown', value !== honest[chosen][name])
  input.dataset.switch = `${chosen}.${name}`
  const vendor = chosen
  input.addEventListener('change', async () => {
    label.classList.remove('wrong')
    label.removeAttribute('title')
    try {
      input.blur()
      await send('PATCH', '/_sandbox/switches', { [vendor]: { [name]: read(kind, input) } })
    } catch (error) {
      label.classList.add('wrong')
      label.title = error.message
    }
  })
  return label
}

function control(name, value, kind, choices) {
  if (kind === 'choice')
    return select(
      choices.map(choice => [choice ?? '', choice ?? t().noFailure]),
      value ?? '',
      () => {},
    )
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

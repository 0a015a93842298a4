// Elements by hand. Notification text is hostile input: it only ever becomes text.

/** An element with a class and children; strings become text. */
export function make(tag, className = '', ...children) {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

export function button(text, act, className = 'button') {
  const element = make('button', className, text)
  element.type = 'button'
  element.addEventListener('click', act)
  return element
}

/** One of several: `options` are pairs of a value and its words; `choose` is called with the value. */
export function segments(options, chosen, choose) {
  return make(
    'div',
    'segments',
    ...options.map(([value, words]) => {
      const option = button(words, () => choose(value), 'segment')
      option.setAttribute('aria-pressed', String(value === chosen))
      return option
    }),
  )
}

export function field(words, input) {
  return make('label', 'field', make('span', '', words), input)
}

export function textInput(value, typed) {
  const input = make('input')
  input.type = 'text'
  input.maxLength = 200
  input.value = value
  input.addEventListener('input', () => typed(input.value))
  return input
}

/** Choices are pairs of a value and its words. */
export function select(choices, chosen, choose) {
  const element = make('select')
  for (const [value, words] of choices) {
    const option = make('option', '', words)
    option.value = value
    option.selected = value === chosen
    element.append(option)
  }
  element.addEventListener('change', () => choose(element.value))
  return element
}

/** A head with its title, and what comes under it. */
export function panelHead(id, title, lead) {
  const heading = make('h2', '', title)
  heading.id = id
  return make('div', 'panel-head', heading, make('p', 'soft', lead))
}

/** A line for a terminal, and a button that copies it. */
export function shellLine(line, { copy, copied }) {
  const code = make('code', '', line)
  const copies = button(copy, async () => {
    await navigator.clipboard.writeText(line)
    copies.textContent = copied
    setTimeout(() => (copies.textContent = copy), copiedMs)
  })
  return make('div', 'line', make('pre', '', code), copies)
}
const copiedMs = 1600

/** Sets text only where it differs, so that what is selected or read aloud is left alone. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** JSON to the sandbox's API. Resolves with the answer; rejects with the problem's own words. */
export async function send(method, path, body) {
  const reply = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await reply.json()
  if (reply.ok) return answer
  const [error] = answer.errors ?? []
  throw new Error(error ? `${error.path} ${error.message}` : answer.detail)
}

export const calm = matchMedia('(prefers-reduced-motion: reduce)')

/** HH:MM or HH:MM:SS of this computer. */
export function timeOf(iso, seconds = false) {
  const at = new Date(iso)
  const two = number => String(number).padStart(2, '0')
  const text = `${two(at.getHours())}:${two(at.getMinutes())}`
  return seconds ? `${text}:${two(at.getSeconds())}` : text
}

// Elements by hand. Notification text is hostile input: it only ever becomes text.

/** An element with a class and children; strings become text. */
export function make(tag, className = '', ...children) {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

export function button(text, act, className = '') {
  const element = make('button', className, text)
  element.type = 'button'
  element.addEventListener('click', act)
  return element
}

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

// The frame of the page: how fresh it is, where else to go, in which language and theme. The console on this origin keeps both.
import { button, make, setText } from './dom.js'
import { icon } from './icons.js'
import { chooseLanguage, language, readLanguage, t } from './texts.js'

const themeKey = 'unpush.theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

function kept(key) {
  try {
    return localStorage.getItem(key)
  } catch {
    // private windows keep nothing
    return null
  }
}

function applyTheme() {
  const theme = kept(themeKey)
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  else delete document.documentElement.dataset.theme
}

const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark'

function otherTheme() {
  const next = isDark() ? 'light' : 'dark'
  try {
    localStorage.setItem(themeKey, next)
  } catch {
    // it holds for this page then
  }
  document.documentElement.dataset.theme = next
}

/** `redraw` is called after another language or theme was chosen, here or in another window. */
export function startHeader(redraw) {
  readLanguage()
  applyTheme()
  for (const place of document.querySelectorAll('[data-icon]')) place.append(icon(place.dataset.icon))
  const changed = () => {
    drawHeader(changed)
    redraw()
  }
  dark.addEventListener('change', changed)
  window.addEventListener('storage', () => {
    readLanguage()
    applyTheme()
    changed()
  })
  drawHeader(changed)
}

function drawHeader(changed) {
  document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en'
  for (const element of document.querySelectorAll('[data-text]')) setText(element, t(element.dataset.text))
  document.querySelector('.menu summary').setAttribute('aria-label', t().menu)
  for (const id of ['links', 'menu']) document.getElementById(id).replaceChildren(...tools(changed))
  drawLive()
}

function tools(changed) {
  const links = [
    ['/', t().console],
    ['/docs', t().api],
    ['/_sandbox/docs', t().sandboxApi],
  ].map(([href, words]) => {
    const link = make('a', 'quiet', words)
    link.href = href
    return link
  })
  const toggle = button(
    t().otherLanguage,
    () => {
      chooseLanguage(language() === 'zh' ? 'en' : 'zh')
      changed()
    },
    'quiet language',
  )
  toggle.lang = language() === 'zh' ? 'en' : 'zh-CN'
  const theme = button(
    '',
    () => {
      otherTheme()
      changed()
    },
    'quiet',
  )
  theme.setAttribute('aria-label', isDark() ? t().toLight : t().toDark)
  theme.title = isDark() ? t().toLight : t().toDark
  theme.append(icon(isDark() ? 'sun' : 'moon'))
  return [...links, toggle, theme]
}

let live = 'connecting'
export function showLive(state) {
  live = state
  drawLive()
}

function drawLive() {
  const element = document.getElementById('live')
  element.dataset.state = live
  setText(element, t()[live])
}

// The words of the page, in the language of the reader.
import { en } from './texts-en.js'
import { zh } from './texts-zh.js'
import { phoneCount, vendors } from './vendors.js'

const languages = { en, zh }
let language = (navigator.language || 'en').toLowerCase().startsWith('zh') ? 'zh' : 'en'

export const t = () => languages[language]

export function otherLanguage() {
  language = language === 'zh' ? 'en' : 'zh'
}

/** Words that come in both languages. */
export const words = both => both[language]

/** Fills what the page itself holds. */
export function drawTexts() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  const toggle = document.getElementById('language')
  toggle.textContent = language === 'zh' ? 'English' : '中文'
  toggle.lang = language === 'zh' ? 'en' : 'zh-CN'
  for (const element of document.querySelectorAll('[data-text]')) {
    const text = t()[element.dataset.text]
    element.textContent = typeof text === 'function' ? text(count(phoneCount()), vendors().length) : text
  }
  const steps = t().steps.map(text => {
    const step = document.createElement('li')
    step.textContent = text
    return step
  })
  document.getElementById('steps').replaceChildren(...steps)
}

/** Numbers as people of that language write them. */
export const count = number => number.toLocaleString(language === 'zh' ? 'zh-CN' : 'en')

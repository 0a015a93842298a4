// The words of the page, in the language of the reader.
import { en } from './texts-en.js'
import { zh } from './texts-zh.js'
import { phoneCount } from './vendors.js'

const languages = { en, zh }
const key = 'unpush.language'
let chosen = 'en'

export const language = () => chosen

/** All words; or one, with the number of phones where it speaks of that. */
export function t(name) {
  const all = languages[chosen]
  if (name === undefined) return all
  return typeof all[name] === 'function' ? all[name](count(phoneCount())) : all[name]
}

/** What was chosen before, here or in the console; else the browser's. */
export function readLanguage() {
  let kept = null
  try {
    kept = localStorage.getItem(key)
  } catch {
    // private windows keep nothing
  }
  const browser = (navigator.language || 'en').toLowerCase().startsWith('zh') ? 'zh' : 'en'
  chosen = kept === 'en' || kept === 'zh' ? kept : browser
}

export function chooseLanguage(next) {
  chosen = next
  try {
    localStorage.setItem(key, next)
  } catch {
    // it holds for this page then
  }
}

/** Words that come in both languages. */
export const words = both => both[chosen]

/** Numbers as people of that language write them. */
export const count = number => number.toLocaleString(chosen === 'zh' ? 'zh-CN' : 'en')

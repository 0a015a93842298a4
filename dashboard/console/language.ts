/** The language of the page, and how words are taken from the list. */
import { signal } from '@preact/signals'
import { type ConsoleWord, consoleWords } from '../words/console.ts'
import type { Words } from '../../shared/words.ts'
import { keep, kept } from './settings.ts'
import { besideOthers } from './text.ts'

export type Language = 'en' | 'zh'

export const language = signal<Language>('en')

/** `?lang=` where it is given, else what was chosen before, else what the server chose for this browser. */
export function readLanguage(): void {
  const asked = new URLSearchParams(location.search).get('lang')
  const chosen = asked === 'en' || asked === 'zh' ? asked : kept('language')
  setLanguage(
    chosen === 'en' || chosen === 'zh' ? chosen : document.documentElement.lang.startsWith('zh') ? 'zh' : 'en',
  )
}

export function setLanguage(chosen: Language): void {
  language.value = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
}

export function chooseLanguage(chosen: Language): void {
  keep('language', chosen)
  setLanguage(chosen)
  const address = new URL(location.href)
  if (address.searchParams.has('lang')) {
    address.searchParams.set('lang', chosen)
    history.replaceState(history.state, '', address)
  }
}

export function say([english, chinese]: Words): string {
  return language.value === 'zh' ? chinese : english
}

/** The words for what the API calls so. A name of a service that is newer than this console is said as it is. */
export function named(words: { readonly [name: string]: Words }, name: string): string {
  const known = Object.hasOwn(words, name) ? words[name] : undefined
  return known === undefined ? name : say(known)
}

/** The same at the head of a line, of a column or of a field. */
export function titled(words: Words): string {
  const text = say(words)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Words of the console; `{n}` in them is what `values.n` says. */
export function w(word: ConsoleWord, values: { readonly [name: string]: string | number } = {}): string {
  return fill(say(consoleWords[word]), values)
}

/** In English `one` where n is 1. */
export function plural(
  n: number,
  one: ConsoleWord,
  many: ConsoleWord,
  values: { readonly [name: string]: string } = {},
): string {
  return w(n === 1 ? one : many, { n: Number.isFinite(n) ? n.toLocaleString('en-US') : '–', ...values })
}

/** What others wrote stands in it as `Said` shows it: what cannot be seen is named, and none of it turns its neighbours. */
export function fill(text: string, values: { readonly [name: string]: string | number }): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name] ?? whole
    return typeof value === 'number' ? String(value) : besideOthers(value)
  })
}

/** As a list in a sentence: 小米、OPPO or Xiaomi, OPPO. */
export function listed(items: readonly string[]): string {
  return items.join(language.value === 'zh' ? '、' : ', ')
}

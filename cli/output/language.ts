/** English or Chinese, from one list of words. */
import { cliWords } from '../../dashboard/words/cli.ts'
import type { Words } from '../../shared/words.ts'

export type Language = 'en' | 'zh'

type Named<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never
export type CliWord = keyof typeof cliWords
type Places<Word extends CliWord> = Named<(typeof cliWords)[Word][0]>
type Given<Word extends CliWord> = [Places<Word>] extends [never]
  ? []
  : [{ readonly [Name in Places<Word>]: string | number }]

export interface Say {
  /** A sentence of the command line's own, with its places filled in. */
  <Word extends CliWord>(word: Word, ...given: Given<Word>): string
  /** Of the list that all share. */
  readonly of: (words: Words) => string
  readonly language: Language
  /** With separators. */
  readonly number: (value: number) => string
  /** A list inside a sentence. */
  readonly list: (parts: readonly string[]) => string
}

export function createSay(language: Language): Say {
  const index = language === 'zh' ? 1 : 0
  const say = (word: CliWord, places: { readonly [name: string]: string | number } = {}) =>
    cliWords[word][index].replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole))
  return Object.assign(say, {
    of: (words: Words) => words[index],
    language,
    number: (value: number) => value.toLocaleString('en-US'),
    list: (parts: readonly string[]) => parts.join(index === 1 ? '、' : ', '),
  })
}

/** `--lang` goes before the environment; whatever is not Chinese reads English. */
export function languageOf(wanted: string | undefined, locale: string): Language {
  return /^zh(?![a-z])/i.test(wanted ?? locale) ? 'zh' : 'en'
}

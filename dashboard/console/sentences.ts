/** The service's own sentences in the language of the page: by their codes where it gives them, else as they came. */
import type { ProblemView } from './api.ts'
import { language } from './language.ts'
import { late, type LateFile, lateFailed, loadLate } from './late-loader.ts'

/** `said`: the same in English, which is all that a service of before gives. */
export function sentencesOf(said: readonly string[], notices: unknown): readonly string[] {
  return chineseWords()?.saidInChinese(said, notices) ?? said
}

/** The sentences of one text, as one text. */
export function saidText(text: string, notices: unknown): string {
  return sentencesOf([text], notices).join(language.value === 'zh' ? '' : ' ')
}

/** What a refusal says beside its title. Null: nothing. */
export function refusalText({ detail, errors }: Pick<ProblemView, 'detail' | 'errors'>): string | null {
  return detail === null ? null : (chineseWords()?.refusalInChinese({ detail, errors }) ?? detail)
}

/** What is wrong with a member of what was sent. */
export function faultText(message: string): string {
  return chineseWords()?.faultInChinese(message) ?? message
}

/** Null: the page is in English, or they are not there yet. */
function chineseWords(): LateFile | null {
  if (language.value !== 'zh') return null
  if (late.value === null && !lateFailed.value) void loadLate()
  return late.value
}

/** The service's own sentences in the language of the page: by their codes where it gives them, else as they came. */
import type { ShownNotice } from '../../shared/notice-codes.ts'
import { language } from './language.ts'
import { late, lateFailed, loadLate } from './late-loader.ts'

/** `said`: the same in English, which is all that a service of before gives. */
export function sentencesOf(said: readonly string[], notices: unknown): readonly string[] {
  if (language.value !== 'zh' || !Array.isArray(notices) || notices.length === 0) return said
  const words = late.value
  if (words === null) {
    if (!lateFailed.value) void loadLate()
    return said
  }
  return notices.filter(isNotice).map(notice => words.noticeText(notice, true))
}

/** The sentences of one text, as one text. */
export function saidText(text: string, notices: unknown): string {
  return sentencesOf([text], notices).join(language.value === 'zh' ? '' : ' ')
}

function isNotice(value: unknown): value is ShownNotice {
  const { code, params } = (value ?? {}) as { readonly code?: unknown; readonly params?: unknown }
  return typeof code === 'string' && typeof params === 'object' && params !== null
}

/** Sentences of the service in the reader's language: by their codes where it gives them, else as they are. */
import type { ShownNotice } from '../../shared/notice-codes.ts'
import { noticeText } from '../../dashboard/words/notices.ts'
import type { Say } from './language.ts'
import { plain } from './text.ts'

/** `said`: the same in English, of which a service of before gives nothing else. */
export function sentencesOf(said: readonly string[], notices: unknown, { language }: Pick<Say, 'language'>): string[] {
  const known = Array.isArray(notices) ? notices.filter(isNotice) : []
  if (language === 'en' || known.length === 0) return said.map(plain)
  return known.map(notice => plain(noticeText(notice, true))).filter(text => text !== '')
}

/** The sentences of one text, as one text. */
export function saidText(text: string, notices: unknown, say: Pick<Say, 'language'>): string {
  return sentencesOf([text], notices, say).join(say.language === 'zh' ? '' : ' ')
}

function isNotice(value: unknown): value is ShownNotice {
  const { code, params } = (value ?? {}) as { readonly code?: unknown; readonly params?: unknown }
  return typeof code === 'string' && typeof params === 'object' && params !== null
}

/** Sentences of the service in the reader's language: by their codes where it gives them, else as they are. */
import { saidInChinese } from '../../dashboard/words/notices.ts'
import { faultInChinese, refusalInChinese } from '../../dashboard/words/refusals.ts'
import type { Problem } from '../failure.ts'
import type { Say } from './language.ts'
import { plain } from './text.ts'

/** `said`: the same in English, of which a service of before gives nothing else. */
export function sentencesOf(said: readonly string[], notices: unknown, { language }: Pick<Say, 'language'>): string[] {
  return (language === 'zh' ? saidInChinese(said, notices) : said).map(plain)
}

/** The sentences of one text, as one text. */
export function saidText(text: string, notices: unknown, say: Pick<Say, 'language'>): string {
  return sentencesOf([text], notices, say).join(say.language === 'zh' ? '' : ' ')
}

/** What a refusal says, in one text. */
export function refusalText(problem: Problem, { language }: Pick<Say, 'language'>): string {
  const detail = problem.detail || problem.title
  const chinese = language === 'zh' ? refusalInChinese({ detail, errors: inputErrors(problem) }) : null
  return plain(chinese ?? detail)
}

/** What is wrong with a member of the input. */
export function faultText(message: string, { language }: Pick<Say, 'language'>): string {
  return plain(language === 'zh' ? faultInChinese(message) : message)
}

/** `errors` of a problem, whatever a gateway in between made of them. */
export function inputErrors({ errors }: Problem): { readonly path: string; readonly message: string }[] {
  if (!Array.isArray(errors)) return []
  return errors.flatMap((one: unknown) => {
    const { path, message } = (one ?? {}) as { readonly path?: unknown; readonly message?: unknown }
    return typeof message === 'string' ? [{ path: typeof path === 'string' ? path : '', message }] : []
  })
}

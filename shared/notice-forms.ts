/** Reads sentences back into codes and what they say besides. */
import type { WordTable } from './words.ts'

/** As an answer carries it. */
export interface ShownNotice {
  readonly code: string
  readonly params: { readonly [name: string]: string | number | boolean | null }
}

/** Sentences by their codes; `{name}` stands for what differs. */
export interface Sentences {
  readonly [code: string]: string
}

/** What a vendor's own sentences are read by. */
export function inEnglish(own: WordTable): Sentences {
  return Object.fromEntries(Object.entries(own).map(([code, [english]]) => [code, english]))
}

// what a recall was asked for too: one to correct takes for each push the operation that suits it
const operation = '[Ss]top|[Rr]evoke|[Oo]verlay|[Cc]orrect'
/** What a name stands for; any text where it is not here. */
const kinds: { readonly [name: string]: string } = {
  operation,
  instead: operation,
  code: '[\\w ./:-]+?',
  devices: '\\d+',
  gone: '\\d+',
  count: '\\d+',
  seconds: '\\d+',
  minutes: '\\d+',
  milliseconds: '\\d+',
  limit: '\\d+',
  requests: 'requests?',
  direction: 'ahead of|behind',
  path: '(?:/\\S*)?',
  provider: '[\\w-]+',
  app: '[\\w-]+',
  id: '[\\w.:-]+',
  secret: '[\\w./-]+',
  host: '\\S+',
  bound: '[\\w. ]+',
  paused: 'key|person|app|endpoint',
  audience: '[\\w ]+',
  type: '\\w+',
  outcome: '\\w+',
  status: '\\w*',
  day: '[\\d-]+',
  why: '[^.]+',
  what: '[^.]+',
  how: '[^)]+',
  whose: '[\\w ]+',
  member: '[\\w.]+',
  members: '[\\w ]+',
  span: '[\\w ]+',
  budget: '[^"]+',
  // what a vendor or a socket said, which may be sentences of its own: it stands last
  reason: '.+',
}

interface Form {
  readonly code: string
  readonly sentence: string
  /** What stands before the first name: most texts begin otherwise. */
  readonly head: string
  /** Of the sentence: characters that are no name's. */
  readonly fixed: number
  made: { readonly names: readonly string[]; readonly pattern: RegExp } | null
}

/** The most particular first: what is fixed of it is longest. */
function formsOf(sentences: Sentences): Form[] {
  return Object.entries(sentences)
    .map(([code, sentence]): Form => {
      const place = sentence.indexOf('{')
      const fixed = place < 0 ? sentence.length : sentence.replace(/\{\w+\}/g, '').length
      return { code, sentence, head: place < 0 ? sentence : sentence.slice(0, place), fixed, made: null }
    })
    .sort((a, b) => b.fixed - a.fixed)
}

function make(sentence: string): NonNullable<Form['made']> {
  const names = [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const parts = sentence.split(/\{\w+\}/g).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const source = parts.map((part, n) => part + (n < names.length ? `(${kinds[names[n] ?? ''] ?? '.+?'})` : ''))
  // a name or a unit is no sentence: another one may begin with it
  const end = /[.:}]$/.test(sentence) ? '(?=\\s|$)' : '$'
  return { names, pattern: new RegExp(`^${source.join('')}${end}`, 's') }
}

const wasNotPossible = new RegExp(`^(${operation}) was not possible: `)

/**
 * Reads what each sentence of a text says. What is not known is `other`, with its words. Patterns are made at their first use,
 * and of few of the sentences: all of them took a first answer 3 ms.
 */
export function readerOf(sentences: () => Sentences): (text: string) => ShownNotice[] {
  let forms: readonly Form[] | null = null
  const first = (text: string) => {
    for (const form of (forms ??= formsOf(sentences()))) {
      if (!text.startsWith(form.head)) continue
      const { names, pattern } = (form.made ??= make(form.sentence))
      const match = pattern.exec(text)
      if (match !== null) return { code: form.code, names, match }
    }
    return null
  }
  return text => {
    const found: ShownNotice[] = []
    let rest = text.trim()
    while (rest !== '') {
      const known = first(rest)
      if (known !== null) {
        found.push({ code: known.code, params: paramsOf(known.names, known.match) })
        rest = rest.slice(known.match[0].length).trim()
        continue
      }
      const reason = wasNotPossible.exec(rest)
      if (reason !== null) {
        found.push({ code: 'not_possible', params: { operation: (reason[1] ?? '').toLowerCase() } })
        rest = rest.slice(reason[0].length)
        continue
      }
      return [...found, { code: 'other', params: { text: rest } }]
    }
    return found
  }
}

function paramsOf(names: readonly string[], match: RegExpExecArray): ShownNotice['params'] {
  return Object.fromEntries(
    names.map((name, n) => {
      const value = match[n + 1] ?? ''
      if (kinds[name] === '\\d+') return [name, Number(value)]
      return [name, kinds[name] === operation ? value.toLowerCase() : value]
    }),
  )
}

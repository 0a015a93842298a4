/**
 * Values that nobody expects in a member: absent, null, of another type, huge, hostile. Some have no JavaScript value, so that
 * a document is written with marks in their place.
 */
import fc from 'fast-check'
import { changed, keyOf, type Path, pathsIn, type Sample } from './genuine.ts'

export interface Odd {
  readonly name: string
  /** JSON as it stands in the delivery; null: the member is left out. */
  readonly json: string | null
}

const deep = 3000
const hostile = String.raw`"\u0000\ud83d\u202e\u0007</script>'; drop table verdict;--\\"`

export const odds: readonly Odd[] = [
  { name: 'absent', json: null },
  { name: 'null', json: 'null' },
  { name: 'true', json: 'true' },
  { name: 'zero', json: '0' },
  { name: 'a negative number', json: '-7' },
  { name: 'a fraction', json: '0.1e-7' },
  { name: 'a number beyond all', json: '1e999' },
  { name: 'a number of 400 digits', json: '9'.repeat(400) },
  { name: 'a number of 20 digits', json: '12345678901234567890' },
  { name: 'no text', json: '""' },
  { name: 'a word', json: '"constructor"' },
  { name: 'hostile text', json: hostile },
  { name: 'half an emoji', json: String.raw`"\udc00"` },
  { name: 'a huge text', json: JSON.stringify('撤'.repeat(50_000)) },
  { name: 'an empty list', json: '[]' },
  { name: 'a list of everything', json: `[null,1,"a",{},[],${hostile},1e999,true]` },
  { name: 'a long list', json: `[${'{"label":"x","suggestion":"pass"},'.repeat(2000)}null]` },
  { name: 'an empty object', json: '{}' },
  { name: 'a prototype', json: '{"__proto__":{"suggestion":"pass"},"constructor":{"prototype":1},"toString":null}' },
  { name: 'deep lists', json: '['.repeat(deep) + ']'.repeat(deep) },
  { name: 'deep objects', json: `${'{"data":'.repeat(deep)}1${'}'.repeat(deep)}` },
]

/** Members that no source has, beside those it has. */
const strangers = ['x', '__proto__', 'constructor', 'ｕｎｋｎｏｗｎ', ' ', String.raw`\u0000`] as const

export interface Variation {
  /** For people, where a test fails. */
  readonly told: string
  readonly json: string
}

/** What is odd in one variation of a document. */
export interface Choice {
  readonly changes: readonly { readonly path: Path; readonly odd: Odd }[]
  readonly asNumbers: boolean
  readonly asTexts: boolean
  readonly letters: 'lower' | 'upper' | 'as it is'
  readonly stranger: { readonly name: string; readonly odd: Odd } | null
}

/** One to three members odd, ids as numbers or texts, words in another case, numbers as texts, and a stranger. */
export function choicesOf(paths: readonly Path[]): fc.Arbitrary<Choice> {
  const change = fc.record({ path: fc.constantFrom(...paths), odd: fc.constantFrom(...odds) })
  return fc.record({
    changes: paths.length === 0 ? fc.constant([]) : fc.array(change, { minLength: 1, maxLength: 3 }),
    asNumbers: fc.boolean(),
    asTexts: fc.boolean(),
    letters: fc.constantFrom('lower', 'upper', 'as it is'),
    stranger: fc.option(fc.record({ name: fc.constantFrom(...strangers), odd: fc.constantFrom(...odds) })),
  })
}

/** The sample about another id, with all that was chosen. */
export function variationOf({ document, ids, words, numbers = [] }: Sample, choice: Choice, id: number): Variation {
  const { changes, asNumbers, asTexts, letters, stranger } = choice
  let varied = document
  for (const path of ids) varied = changed(varied, path, () => (asNumbers ? id : String(id)))
  if (asTexts) for (const path of numbers) varied = changed(varied, path, String)
  for (const path of words) varied = changed(varied, path, word => inLetters(word, letters))
  for (const [place, { path, odd }] of changes.entries()) {
    varied = changed(varied, path, () => (odd.json === null ? undefined : `@@${place}@@`))
  }
  let json = JSON.stringify(varied)
  // a function, since `$` means something in a text
  for (const [place, { odd }] of changes.entries()) json = json.replace(`"@@${place}@@"`, () => odd.json ?? '')
  // the same twice would be the same delivery
  if (json.startsWith('{')) json = json === '{}' ? `{"nth":${id}}` : `{"nth":${id},${json.slice(1)}`
  const told = changes.map(({ path, odd }) => `${keyOf(path)}: ${odd.name}`)
  if (stranger !== null && stranger.odd.json !== null && json.startsWith('{')) {
    json = `{"${stranger.name}":${stranger.odd.json},${json.slice(1)}`
    told.push(`beside it ${JSON.stringify(stranger.name)}: ${stranger.odd.name}`)
  }
  return { told: `${told.join(' · ')} (${letters}${asNumbers ? ', id a number' : ''})`, json }
}

/** Every member that is not needed. A member inside one that is varied goes with it. */
export function optionalOf(document: unknown, needed: readonly Path[]): Path[] {
  return pathsIn(document).filter(path => !needed.some(one => keyOf(one) === keyOf(path)))
}

function inLetters(word: unknown, letters: string): unknown {
  if (typeof word !== 'string' || letters === 'as it is') return word
  return letters === 'lower' ? word.toLowerCase() : word.toUpperCase()
}

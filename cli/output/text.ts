/** Text on a terminal: what others wrote loses all that moves a cursor or turns the writing about; columns are counted. */
import { stripVTControlCharacters } from 'node:util'
import { eastAsianWidth } from 'get-east-asian-width'

/** Invisible, or turning the direction of writing; joiners hold emoji and some scripts together and stay. */
const unseen = /(?![\u200c\u200d])[\p{Cf}\p{Cs}\p{Co}\p{Bidi_Control}\u034f\u115f\u1160\u3164\uffa0]/gu

/** One line of plain text: escape sequences go whole, other control characters become blanks. */
export function plain(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(unseen, '')
    .trim()
}

/** As `plain`, of each line by itself. */
export function plainLines(text: string): string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map(plain)
}

const segmenter = new Intl.Segmenter()
const invisible = /^[\p{M}\p{Cf}\p{Cc}]$/u
const emoji = /\p{Emoji_Presentation}|\ufe0f/u

/** Columns that a terminal gives it. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let columns = 0
  for (const { segment } of segmenter.segment(text)) columns += columnsOfCluster(segment)
  return columns
}

function columnsOfCluster(cluster: string): number {
  if (emoji.test(cluster)) return 2
  let widest = 0
  for (const character of cluster)
    if (!invisible.test(character)) widest = Math.max(widest, eastAsianWidth(character.codePointAt(0) ?? 0))
  return widest
}

/** At most so many columns; what is cut ends in `…`. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    const wide = columnsOfCluster(segment)
    if (used + wide > columns - 1) break
    kept += segment
    used += wide
  }
  return `${kept.trimEnd()}…`
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text
}

const pieces =
  /[\u2e80-\u9fff\uff00-\uffef][，。；：！？）、》”’]*|[^\s\u2e80-\u9fff\uff00-\uffef]+[，。；：！？）、》”’]*|\s+/gu

/** Broken at blanks, or between characters of writings that have none, into lines of at most so many columns; no closing mark begins one. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(pieces) ?? []) {
    if (columnsOf(line + piece.trimEnd()) > columns && line.trim() !== '') {
      lines.push(line.trimEnd())
      line = piece.trimStart()
    } else line += piece
  }
  if (line.trim() !== '') lines.push(line.trimEnd())
  return lines
}

/** JSON for a terminal: the same document, without a byte that a terminal or an editor would act on. */
export function safeJson(value: unknown, spaces?: number): string {
  return JSON.stringify(value, null, spaces).replace(
    /[\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

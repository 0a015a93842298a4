/** Text that others wrote. It is shown as it is, but for what cannot be seen or moves its neighbours: that is named. */

export type Piece = { readonly text: string } | { readonly mark: string }

const unseen =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Control, zero-width and direction characters and half characters as marks, all else as it is. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let done = 0
  for (const match of text.matchAll(unseen)) {
    // joins letters into one sign, as in most emoji of people
    if (match[0] === '\u200d' && /\p{Extended_Pictographic}\ufe0f?$/u.test(text.slice(0, match.index))) continue
    if (match.index > done) pieces.push({ text: text.slice(done, match.index) })
    pieces.push({ mark: `U+${match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}` })
    done = match.index + match[0].length
  }
  if (done < text.length) pieces.push({ text: text.slice(done) })
  return pieces
}

/** As `piecesOf`, in one text. What is written from right to left is set apart from what stands beside it. */
export function besideOthers(text: string): string {
  const shown = piecesOf(text)
    .map(piece => ('text' in piece ? piece.text : piece.mark))
    .join('')
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(shown)
    ? `\u2068${shown}\u2069`
    : shown
}

/** Of the other language of the page, so that a screen reader changes its voice. Null: no telling. */
export function languageIn(text: string): 'zh-CN' | 'en' | null {
  if (/\p{Script=Han}/u.test(text)) return 'zh-CN'
  return /[A-Za-z]{3}/.test(text) ? 'en' : null
}

/** An address that may be opened: http and https alone, whatever else a push carries. */
export function webAddress(text: string): string | null {
  if (!/^https?:\/\//i.test(text)) return null
  try {
    const { protocol } = new URL(text)
    return protocol === 'http:' || protocol === 'https:' ? text : null
  } catch {
    return null
  }
}

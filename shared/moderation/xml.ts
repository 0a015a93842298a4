/** The little of XML that a vendor's reply needs: elements by their path, and the text of their children. */

const maxDepth = 32
const token = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.-]*)[^<>]*?(\/?)>|([^<]+)/y
const entities: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Of each element at `path` (`Response/JobsDetail`), its children that hold text only. Null: not well-formed, or with what no
 * reply needs (DOCTYPE, CDATA), which is then not guessed at.
 */
export function readElements(xml: string, path: string): ReadonlyMap<string, string>[] | null {
  const found: Map<string, string>[] = []
  const open: string[] = []
  let text = ''
  token.lastIndex = 0
  while (token.lastIndex < xml.length) {
    const match = token.exec(xml)
    if (match === null) return null
    const [, closing, name, alone, words] = match
    if (words !== undefined) text += words
    if (name === undefined) continue
    if (closing === '/') {
      if (open.pop() !== name) return null
      const value = decode(text)
      if (value === null) return null
      if (open.join('/') === path && value !== '') found.at(-1)?.set(name, value)
      text = ''
      continue
    }
    open.push(name)
    if (open.length > maxDepth) return null
    if (open.join('/') === path) found.push(new Map())
    if (alone === '/') open.pop()
    text = ''
  }
  return open.length === 0 ? found : null
}

/** Null: an entity that XML does not know by itself. */
function decode(text: string): string | null {
  let known = true
  const decoded = text.trim().replace(/&(#x?)?([0-9A-Za-z]+);|&/g, (whole, number?: string, name?: string) => {
    const code = number === undefined ? null : Number.parseInt(name ?? '', number === '#x' ? 16 : 10)
    const sign =
      code === null ? entities[name ?? ''] : code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
    if (sign === undefined) known = false
    return sign ?? whole
  })
  return known ? decoded : null
}

/**
 * The little of XML that a vendor's reply needs: elements by their path, and the text of their children. Loaded by the one
 * source whose API answers in XML.
 */
import { SaxesParser } from 'saxes'

/** No reply of an audit has a twentieth of it. */
const maxBytes = 64 * 1024
const maxDepth = 32

/** Ends the parse at the first thing that is wrong. */
class Refused extends Error {}

/**
 * Of each element at `path` (`Response/JobsDetail`), its children that hold text only. Null: not well-formed, too large, or
 * with what no reply needs (a document type), which is then not guessed at.
 */
export function readElements(xml: string, path: string): ReadonlyMap<string, string>[] | null {
  if (Buffer.byteLength(xml) > maxBytes) return null
  const found: Map<string, string>[] = []
  const open: string[] = []
  let text = ''
  const parser = new SaxesParser()
  const refuse = () => {
    throw new Refused('the reply cannot be read')
  }
  parser.on('error', refuse)
  parser.on('doctype', refuse)
  parser.on('opentag', ({ name }) => {
    open.push(name)
    if (open.length > maxDepth) refuse()
    if (open.join('/') === path) found.push(new Map())
    text = ''
  })
  parser.on('text', words => (text += words))
  parser.on('cdata', words => (text += words))
  parser.on('closetag', ({ name }) => {
    open.pop()
    const value = text.trim()
    if (open.join('/') === path && value !== '') found.at(-1)?.set(name, value)
    text = ''
  })
  try {
    parser.write(xml).close()
    return found
  } catch (error) {
    if (error instanceof Refused) return null
    throw error
  }
}

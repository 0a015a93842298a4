/**
 * The little of XML that a vendor's reply needs: elements by their path, and the text of their children. Loaded by the one
 * source whose API answers in XML.
 */
import { SaxesParser } from 'saxes'

/** Thousands of frames of a video are described in one reply. */
const maxBytes = 4 * 1024 * 1024
/** What is deeper than any reply is counted, and not kept. */
const maxDepth = 10_000
/** Of the text of one child; what is longer is none of those that are read. */
const maxText = 4096

/** Ends the parse at the first thing that is wrong. */
class Refused extends Error {}

/** Characters that XML cannot hold, as they are and as references: users write them, and vendors pass them on. */
const control = /[\p{Cc}\ufffe\uffff]/gu
const reference = /&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,8}));/g

/**
 * Of each element at `path` (`Response/JobsDetail`), its children that hold text only. Null: not well-formed, too large, or
 * with what no reply needs (a document type), which is then not guessed at. Characters that XML has none of become U+FFFD.
 */
export function readElements(xml: string, path: string): ReadonlyMap<string, string>[] | null {
  if (Buffer.byteLength(xml) > maxBytes) return null
  const wanted = path.split('/')
  const found: Map<string, string>[] = []
  let depth = 0
  /** How many of the open elements, from the outermost, are those of the path. */
  let along = 0
  let text = ''
  const parser = new SaxesParser()
  const refuse = () => {
    throw new Refused('the reply cannot be read')
  }
  parser.on('error', refuse)
  parser.on('doctype', refuse)
  parser.on('opentag', ({ name }) => {
    if (along === depth && wanted[depth] === name) along++
    depth++
    if (depth > maxDepth) refuse()
    if (along === wanted.length && depth === along) found.push(new Map())
    text = ''
  })
  const add = (words: string) => {
    if (text.length <= maxText) text += words
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', ({ name }) => {
    depth--
    const value = text.trim()
    const isChild = along === wanted.length && depth === along
    if (isChild && value !== '' && value.length <= maxText) found.at(-1)?.set(name, value)
    if (depth < along) along = depth
    text = ''
  })
  try {
    parser.write(storableXml(xml)).close()
    return found
  } catch (error) {
    if (error instanceof Refused) return null
    throw error
  }
}

function storableXml(xml: string): string {
  return xml
    .toWellFormed()
    .replace(control, sign => (isLegal(sign.charCodeAt(0)) ? sign : '\ufffd'))
    .replace(reference, (written, hex: string | undefined, decimal: string | undefined) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return isLegal(code) ? written : '\ufffd'
    })
}

function isLegal(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
}

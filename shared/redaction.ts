/**
 * Which texts must never leave the process, in the forms in which they would: as they are, escaped for JSON or a URL,
 * as hex, and anywhere inside base64.
 *
 * One registry for the process: code that reads a secret registers it, code that writes a line asks.
 */
const mark = '[redacted]'
/**
 * What is shorter may be part of any word. It is taken out where it stands as a whole word, and below three characters where it
 * is all that is said; never where it is one of our own words, which give nothing away.
 */
const minAnywhere = 8
const minWord = 3
const ourWords = new Set(
  (
    'info warn error stop revoke overlay correct none read act sent confirm done partial failed running cancelled declined expired ' +
    'pending accepted rejected unknown unpush sweep messages recalls status moderation deliveries audit ' +
    'dashboard true false null GET POST PATCH DELETE HEAD OPTIONS key timer sandbox'
  ).split(' '),
)
/** Names of vendors are words of ours, too. */
export function keepWords(words: readonly string[]): void {
  for (const word of words) ourWords.add(word)
}

/** Rotation adds values for as long as an instance lives; the oldest are of no use to anybody any more. */
const maxValues = 2_000

/** What keys and tokens that come from outside and are registered by nobody are made of: our API keys, JWTs. */
const run = /[\w.-]{7,}/g

const registry = new Map<string, readonly string[]>()
/** Nothing shorter than this holds a registered value: most of what a line says is not compared with any. */
let shortest = Infinity

/** What is shorter than `minAnywhere`: each of its forms, as the pattern of a whole word. */
const short = new Map<string, readonly (readonly [form: string, word: RegExp])[]>()

/** From now on `value` is written as `[redacted]`. Of a text of several lines (a PEM file) each line is a secret too. */
export function redact(value: string): void {
  if (value.length < minAnywhere) return redactShort(value)
  if (registry.has(value)) return
  const forms = formsOf(value)
  registry.set(value, forms)
  shortest = Math.min(shortest, ...forms.map(form => form.length))
  if (registry.size > maxValues) {
    const [oldest] = registry.keys()
    if (oldest !== undefined) registry.delete(oldest)
  }
  const lines = value.split(/\r?\n/)
  if (lines.length === 1) return
  // The first and last line of a PEM file are the same for everybody; what is left of its last line is no secret by itself.
  for (const line of lines) if (!line.startsWith('-----') && line.length >= minAnywhere) redact(line)
}

function redactShort(value: string): void {
  if (value === '' || short.has(value) || ourWords.has(value)) return
  short.set(value, value.length < minWord ? [] : wholeForms(value).map(form => [form, wordPattern(form)]))
  if (short.size > maxValues) {
    const [oldest] = short.keys()
    if (oldest !== undefined) short.delete(oldest)
  }
}

/** `text` without any registered value. */
export function redacted(text: string): string {
  if (short.has(text)) return mark
  let clean = redactedName(text)
  if (text.length < minWord) return clean
  for (const words of short.values()) {
    for (const [form, word] of words) if (clean.includes(form)) clean = clean.replaceAll(word, mark)
  }
  return clean
}

/** Of what names something in a line: what is short there is a word of ours. */
export function redactedName(text: string): string {
  let clean = text
  for (const forms of text.length < shortest ? [] : registry.values()) {
    for (const form of forms) {
      if (form.length <= clean.length && clean.includes(form)) clean = clean.replaceAll(form, mark)
    }
  }
  return clean.replace(run, withoutShapes)
}

/** Not by one pattern for all: from each `eyJ` of many it would look for the end of a token anew. */
function withoutShapes(run: string): string {
  if (!run.includes('unpush_') && !run.includes('eyJ')) return run
  const parts = run.split('.')
  const clean: string[] = []
  for (let place = 0; place < parts.length; place++) {
    const part = parts[place] ?? ''
    const key = beginOf(part, 'unpush_', 20)
    const isToken = parts[place + 1] !== undefined && parts[place + 1] !== '' && parts[place + 2] !== undefined
    const token = isToken ? beginOf(part, 'eyJ', 1) : -1
    if (key !== -1 && (token === -1 || key < token)) clean.push(`${part.slice(0, key)}${mark}`)
    else if (token === -1) clean.push(part)
    else {
      clean.push(`${part.slice(0, token)}${mark}`)
      // its payload and its signature
      place += 2
    }
  }
  return clean.join('.')
}

/** Where `head` begins a word of `part` that goes on for `rest` characters at least; -1: nowhere. */
function beginOf(part: string, head: string, rest: number): number {
  for (let at = part.indexOf(head); at !== -1; at = part.indexOf(head, at + 1)) {
    if (at + head.length + rest > part.length) return -1
    if (at === 0 || part[at - 1] === '-') return at
  }
  return -1
}

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value)
  const base64 = [0, 1, 2].map(shift => base64Core(bytes, shift))
  const forms = [...wholeForms(value), ...base64, ...base64.map(urlSafe)]
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}

/** Those that do not depend on what stands beside the value. */
function wholeForms(value: string): string[] {
  const bytes = Buffer.from(value)
  // Through bytes, since encodeURIComponent throws on half of a surrogate pair.
  const uri = encodeURIComponent(bytes.toString())
  const hex = bytes.toString('hex')
  const base64 = bytes.toString('base64').replaceAll('=', '')
  const forms = [value, JSON.stringify(value).slice(1, -1), uri, uri.replaceAll('%20', '+'), hex, hex.toUpperCase()]
  return [...new Set([...forms, base64, urlSafe(base64)])].sort((a, b) => b.length - a.length)
}

function wordPattern(text: string): RegExp {
  const letter = /[\p{L}\p{N}_]/u
  const before = letter.test(text.slice(0, 1)) ? '(?<![\\p{L}\\p{N}_])' : ''
  const after = letter.test(text.slice(-1)) ? '(?![\\p{L}\\p{N}_])' : ''
  return new RegExp(before + text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&') + after, 'gu')
}

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_')

/** The characters of base64 that depend on `bytes` alone when `shift` bytes (modulo 3) stand before them. */
function base64Core(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replaceAll('=', '')
  const first = Math.ceil((shift * 8) / 6)
  const whole = Math.floor(((shift + bytes.length) * 8) / 6)
  return text.slice(first, whole)
}

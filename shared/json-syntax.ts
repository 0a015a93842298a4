/**
 * Where a text stops being JSON. Runs only after JSON.parse has refused it: the engine's messages give no position for
 * most faults, differ from one Node to the next, and quote the text.
 */
const blanks = /[\t\n\r ]*/y
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const escape = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y

type Next = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma or ]' | 'comma or }' | 'end'

const wanted: { readonly [N in Next]: string } = {
  value: 'a value',
  'value or ]': 'a value or ]',
  name: 'a member name in double quotes',
  'name or }': 'a member name in double quotes or }',
  colon: 'a colon',
  'comma or ]': 'a comma or ]',
  'comma or }': 'a comma or }',
  end: 'nothing more after the value',
}

/** `line 2, column 7: expected a comma or }`. Columns count UTF-16 units from 1; nothing of the text is repeated. */
export function describeSyntaxFault(text: string): string {
  const { at, message } = findSyntaxFault(text)
  const before = text.slice(0, at)
  const line = before.split('\n').length
  return `line ${line}, column ${at - before.lastIndexOf('\n')}: ${message}`
}

function findSyntaxFault(text: string): { at: number; message: string } {
  const open: ('[' | '{')[] = []
  const afterValue = (): Next => {
    const inner = open.at(-1)
    if (inner === undefined) return 'end'
    return inner === '[' ? 'comma or ]' : 'comma or }'
  }
  let awaited: Next = 'value'
  let at = 0
  for (;;) {
    at += length(blanks, text, at)
    const sign = text[at]
    if (sign === undefined) return { at, message: `the text ends where ${wanted[awaited]} is expected` }
    const takesValue: boolean = awaited === 'value' || awaited === 'value or ]'
    const takesName: boolean = awaited === 'name' || awaited === 'name or }'
    if (sign === '"' && (takesValue || takesName)) {
      const string = readString(text, at)
      if (string.message !== null) return { at: string.end, message: string.message }
      at = string.end
      awaited = takesName ? 'colon' : afterValue()
    } else if ((sign === '[' || sign === '{') && takesValue) {
      open.push(sign)
      awaited = sign === '[' ? 'value or ]' : 'name or }'
      at++
    } else if ((sign === ']' || sign === '}') && awaited.endsWith(sign)) {
      open.pop()
      awaited = afterValue()
      at++
    } else if (sign === ',' && awaited.startsWith('comma')) {
      awaited = awaited === 'comma or ]' ? 'value' : 'name'
      at++
    } else if (sign === ':' && awaited === 'colon') {
      awaited = 'value'
      at++
    } else {
      const taken = takesValue ? length(scalar, text, at) : 0
      if (taken === 0) return { at, message: `expected ${wanted[awaited]}` }
      at += taken
      awaited = afterValue()
    }
  }
}

/** A loop, not one pattern: a pattern would keep a way back for every character of a string of megabytes. */
function readString(text: string, start: number): { end: number; message: string | null } {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return { end: at + 1, message: null }
    if (code < 0x20) return { end: at, message: 'a control character inside a string must be written as an escape' }
    if (code !== 0x5c) continue
    const escaped = length(escape, text, at + 1)
    if (escaped === 0) return { end: at, message: 'a backslash begins an escape that JSON does not know' }
    at += escaped
  }
  return { end: text.length, message: 'the text ends inside a string' }
}

function length(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length ?? 0
}

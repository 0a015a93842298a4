/** A PEM in every spelling that secrets managers, shells and editors make of one. */
import fc from 'fast-check'

const inLines = (text: string, width: number) => text.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\n') ?? ''
export const base64Of = (text: string) => Buffer.from(text).toString('base64')
const oneLineBody = (pem: string) => pem.replace(/(?<=[^-])\n(?=[^-])/g, '')

/** What becomes of its lines, and what is then put around it: any of the one, then some of the other. */
export const lineEnds: { readonly [name: string]: (pem: string) => string } = {
  'as it is': pem => pem,
  'CR LF': pem => pem.replaceAll('\n', '\r\n'),
  CR: pem => pem.replaceAll('\n', '\r'),
  '\\n as two characters': pem => pem.replaceAll('\n', '\\n'),
  '\\r\\n as four': pem => pem.replaceAll('\n', '\\r\\n'),
  '\\\\n as three': pem => pem.replaceAll('\n', '\\\\n'),
  'blanks for newlines': pem => pem.replaceAll('\n', ' '),
  'one line': pem => pem.replaceAll('\n', ''),
  'its body one line': oneLineBody,
  'no blanks at all': pem => pem.replaceAll(/\s/g, ''),
  'newlines for blanks': pem => pem.replaceAll(' ', '\n'),
  'indented, with empty lines': pem => pem.replaceAll('\n', '\n\n    '),
  'no first and last line': pem => pem.replaceAll(/-----[A-Z0-9 ]+-----/g, ''),
}
const wrappings: { readonly [name: string]: (text: string) => string } = {
  'double quotes': text => `"${text}"`,
  'single quotes': text => `'${text}'`,
  'as a JSON string': text => JSON.stringify(text),
  'blanks around it': text => `\n  ${text}\n\n`,
  'a byte order mark': text => `\uFEFF${text}`,
}
const encodings: { readonly [name: string]: (text: string) => string } = {
  none: text => text,
  base64: base64Of,
  'base64 in lines': text => inLines(base64Of(text), 76),
  'base64 without its end': text => base64Of(text).replace(/=+$/, ''),
  base64url: text => Buffer.from(text).toString('base64url'),
}
const nameOf = (table: object) => fc.constantFrom(...Object.keys(table))
/** Draws a way of writing a PEM. */
export const spelling = fc
  .tuple(nameOf(lineEnds), fc.subarray(Object.keys(wrappings)), nameOf(encodings), fc.subarray(Object.keys(wrappings)))
  .map(([ends, inner, encoding, outer]) => {
    const around = (text: string, names: readonly string[]) =>
      names.reduce((result, name) => wrappings[name]?.(result) ?? result, text)
    const spell = (pem: string) => {
      const lines = lineEnds[ends]?.(pem) ?? pem
      // base64 of base64 is nobody's
      const isBare = ends === 'no first and last line'
      return around(isBare ? lines : (encodings[encoding]?.(around(lines, inner)) ?? lines), outer)
    }
    return { spell, toString: () => [ends, ...inner, encoding, ...outer].join(', ') }
  })

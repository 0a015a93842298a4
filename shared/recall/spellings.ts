/** Push tokens of vendors that take one device's token in several spellings: here each device has one. */
import type { Exceptions } from '../ledger/exceptions.ts'
import type { TokenLines } from '../ledger/tokens.ts'
import type { Provider, Vendors } from '../providers/provider.ts'

/** The same list where the vendor tells every spelling from every other. */
export function canonicalTokens(
  { canonicalToken }: Provider,
  tokens: readonly string[] | null,
): readonly string[] | null {
  return canonicalToken === undefined || tokens === null ? tokens : tokens.map(canonicalToken)
}

/** The same of lines. Those that are in their spelling already stay as they are. */
export function canonicalLines({ canonicalToken }: Provider, lines: TokenLines): TokenLines {
  if (canonicalToken === undefined) return lines
  const text = lines.text.replace(/[^\n]+/g, line => {
    const token = JSON.parse(line) as string
    const canonical = canonicalToken(token)
    return canonical === token ? line : JSON.stringify(canonical)
  })
  return { text, count: lines.count }
}

/**
 * Tokens to leave alone, of whichever vendors they are. Of a vendor that takes several spellings each is looked for as it was
 * given, in the vendor's own, and in upper case: so it may have been stored before it had one spelling.
 */
export async function readExceptions(vendors: Vendors, given: readonly string[]): Promise<Exceptions> {
  const tokens = [...new Set(given)]
  const found = tokens.length === 0 ? [] : await Promise.all(vendors.names.map(name => vendors.find(name)))
  const spelling = found.flatMap(provider => {
    const { name, canonicalToken: canonical } = provider ?? {}
    return name === undefined || canonical === undefined ? [] : [{ name, canonical }]
  })
  const spellings = spelling.flatMap(({ name, canonical }) => {
    const all = tokens.flatMap(token => [token, ...othersOf(token, canonical)])
    return all.length === tokens.length ? [] : [[name, [...new Set(all)]] as const]
  })
  const inOne = (token: string) => spelling.reduce((text, { canonical }) => canonical(text), token)
  return { tokens, spellings: Object.fromEntries(spellings), devices: [...new Set(tokens.map(inOne))] }
}

function othersOf(token: string, canonical: (token: string) => string): string[] {
  const own = canonical(token)
  return [own, own.toUpperCase()].filter(other => other !== token && canonical(other) === own)
}

/**
 * No pattern may take more than linear time, whatever text it meets: `recheck` proves it, or finds a text that it takes long
 * for. What repeats nothing without an end is linear by itself.
 */
import { transform } from 'esbuild'
import type { checkSync } from 'recheck'
import { beforeAll, expect, it } from 'vitest'
import { parseAst } from 'vitest/node'
import { vendorHandles } from '../dashboard/words/vendors/handles.ts'
import { allSources } from '../shared/moderation/sources.ts'
import { readSources } from './support/sources.ts'

const moderationSources = await allSources()

interface Pattern {
  readonly path: string
  readonly source: string
  readonly flags: string
}

/** Linear as well, but a proof takes long, or the text is none from outside. */
const excused: { readonly [source: string]: string } = {
  '-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----': 'proved linear in twelve seconds',
}
/** Those made while the program runs, and why they are linear. */
const made: { readonly [path: string]: string } = {
  'dashboard/console/handles.ts': 'patterns of targets, looked at here',
  'shared/moderation/open-delivery.ts': 'patterns of sources, looked at here',
  'shared/notice-forms.ts': 'anchored at the start, made of our own sentences, for texts of at most 500 characters',
  'shared/providers/wire/masking.ts': 'nothing but escaped text, joined by |',
  'shared/redaction.ts': 'nothing but escaped text between two lookarounds',
  'shared/secrets/source.ts': 'anchored, of words and one class of at most 63 characters',
}

let patterns: readonly Pattern[] = []
let others: readonly string[] = []
let check: typeof checkSync

beforeAll(async () => {
  // its own JavaScript: neither Java nor a binary of one platform
  process.env['RECHECK_BACKEND'] = 'pure'
  check = (await import('recheck')).checkSync
  const found: Pattern[] = []
  const elsewhere = new Set<string>()
  for (const { path, text } of await readSources()) {
    if (!/^(shared|functions|sandbox|dashboard|cli)\/.*\.(tsx?|js)$/.test(path)) continue
    const { code } = await transform(text, {
      loader: path.endsWith('.js') ? 'js' : path.endsWith('.tsx') ? 'tsx' : 'ts',
      target: 'es2023',
    })
    visit(parseAst(code), node => {
      const { regex } = node as { regex?: { pattern: string; flags: string } }
      if (node.type === 'Literal' && regex !== undefined)
        found.push({ path, source: regex.pattern, flags: regex.flags })
      const { callee } = node as { callee?: { name?: string } }
      if (callee?.name === 'RegExp') elsewhere.add(path)
    })
  }
  patterns = found
  others = [...elsewhere].sort()
})

function visit(node: unknown, look: (node: { readonly type: string }) => void): void {
  if (typeof node !== 'object' || node === null) return
  if ('type' in node && typeof node.type === 'string') look({ ...node, type: node.type })
  for (const child of Object.values(node)) visit(child, look)
}

/** Repeats something without an end: outside of classes and escapes, `*`, `+` or `{n,}`. */
function isEndless(source: string): boolean {
  return /[*+]|\{\d+,\}/.test(source.replace(/\\./g, '').replace(/\[[^\]]*\]/g, 'x'))
}

function superlinear({ source, flags }: Pick<Pattern, 'source' | 'flags'>): string | null {
  // counted in characters read: by the clock, whatever a busy machine takes long for would be quadratic
  const found = check(source, flags, { timeout: 120_000, incubationTimeout: null, attackTimeout: null })
  return found.status === 'safe' ? null : found.status === 'vulnerable' ? found.complexity.summary : found.status
}

it('is one that the check finds what is known to be quadratic or worse with', () => {
  const bad = ['<(\\/?)([A-Za-z_][\\w.-]*)[^<>]*?(\\/?)>', '\\s+$', '(a+)+$', '\\beyJ[\\w-]+\\.x', '^(\\w*)*@']
  expect(bad.map(source => superlinear({ source, flags: '' })).includes(null)).toBe(false)
  expect(['^\\s+$', 'a[^a]*a', '^(?:a|b)+$'].map(source => superlinear({ source, flags: '' }))).toEqual([
    null,
    null,
    null,
  ])
})

it('takes linear time, of all that are written in the program', () => {
  expect(patterns.length).toBeGreaterThan(100)
  const unique = new Map(patterns.map(pattern => [`/${pattern.source}/${pattern.flags}`, pattern]))
  const wrong = [...unique].flatMap(([text, pattern]) => {
    if (excused[pattern.source] !== undefined || !isEndless(pattern.source)) return []
    const why = superlinear(pattern)
    return why === null ? [] : [`${pattern.path}: ${text} is ${why}`]
  })
  expect(wrong).toEqual([])
})

it('takes linear time, of all that a moderation source brings for its jobs', () => {
  const jobs = moderationSources.flatMap(({ jobs }) => (jobs === undefined ? [] : [jobs.pattern]))
  expect(jobs.length).toBeGreaterThan(0)
  expect(jobs.filter(source => superlinear({ source, flags: '' }) !== null)).toEqual([])
})

it('takes linear time, of all that a vendor gives its ids', () => {
  const handles = Object.values(vendorHandles).flatMap(vendor => [...vendor.handles])
  const given = handles.flatMap(handle => ('pattern' in handle ? [handle.pattern] : []))
  expect(given.length).toBeGreaterThan(1)
  expect(given.filter(source => superlinear({ source, flags: '' }) !== null)).toEqual([])
})

it('is made while the program runs nowhere but where it is known to be linear', () => {
  expect(others.filter(path => made[path] === undefined)).toEqual([])
})

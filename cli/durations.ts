/** Spans and instants as people type them. */

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `1h30m`, `2d` in milliseconds; null: it is none. */
export function durationOf(text: string): number | null {
  if (!/^(\d{1,9}(ms|[smhd]))+$/.test(text)) return null
  let sum = 0
  for (const [, number, unit] of text.matchAll(/(\d{1,9})(ms|[smhd])/g))
    sum += Number(number) * (units[unit ?? ''] ?? 0)
  return sum
}

/** RFC 3339 of what is so long ago, or is a time or a day itself; null: it is neither. */
export function instantOf(text: string, now: number): string | null {
  const ago = durationOf(text)
  if (ago !== null) {
    const at = new Date(now - ago)
    return Number.isNaN(at.getTime()) || at.getTime() < 0 ? null : at.toISOString()
  }
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/i.test(text)) return null
  const at = new Date(text.replace(' ', 'T'))
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}

const form = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w -]+ ?\d{1,2}:\d{2}:\d{2}(?: GMT| \d{4})$/

/** Any of the three date formats of HTTP (RFC 9110 §5.6.7), in epoch milliseconds. Null: absent, or none of them. */
export function parseHttpDate(value: string | undefined): number | null {
  const text = value?.trim() ?? ''
  // Date.parse alone would take `1.5` and `soon 7` for dates.
  if (!form.test(text)) return null
  // The asctime form names no zone, and means GMT all the same.
  const atMs = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(atMs) ? null : atMs
}

/** At most so many UTF-16 units, and never half of a pair: PostgreSQL takes none. */
export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

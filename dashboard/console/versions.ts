/** Which of two versions is the later one. */

/** By the numbers of semver; what follows them does not count. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map(text => text.split(/[-+]/)[0]?.split('.').map(Number) ?? [])
  for (const place of [0, 1, 2]) {
    const difference = (a?.[place] ?? 0) - (b?.[place] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

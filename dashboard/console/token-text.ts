/** Push tokens as people have them: in a file, or pasted. */

/** Lines of a file, counted here and never shown: push tokens are personal data. */
export function tokensIn(text: string): string[] {
  const whole = text.trim()
  if (whole.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(whole)
      if (Array.isArray(list))
        return [...new Set(list.filter((one): one is string => typeof one === 'string' && one !== ''))]
    } catch {
      // lines then
    }
  }
  const lines = whole.split(/\r?\n/).map(line => {
    const bare = line.trim().replace(/,$/, '')
    if (!bare.startsWith('"')) return bare
    try {
      return String(JSON.parse(bare))
    } catch {
      return bare
    }
  })
  return [...new Set(lines.filter(line => line !== ''))]
}

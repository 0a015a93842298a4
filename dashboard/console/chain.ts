/** The chain of the audit trail, computed again here: the server's word is not taken for it. */

/** A line of the trail as NDJSON has it; every member as it was hashed. */
export interface TrailLine {
  readonly seq: number
  readonly hash: string
  readonly [member: string]: string | number | null
}

/** The hash before the first record. */
export const noHash = '0'.repeat(64)

export const hashedMembers = [
  'seq',
  'at',
  'entry',
  'actor',
  'person',
  'action',
  'object',
  'detail',
  'request',
  'mac',
] as const

/** SHA-256 of the hash before and each member with its length in bytes: as the contract of the trail says. */
export async function hashLine(
  before: string,
  line: TrailLine,
  members: readonly string[] = hashedMembers,
): Promise<string> {
  const utf8 = new TextEncoder()
  const texts = members.map(name => {
    const value = line[name] ?? null
    if (value === null) return '-'
    const text = String(value)
    return `${utf8.encode(text).length}:${text}`
  })
  const own = utf8.encode(texts.join(''))
  const whole = new Uint8Array(32 + own.length)
  whole.set(bytesOf(before))
  whole.set(own, 32)
  const digest = await crypto.subtle.digest('SHA-256', whole)
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)?.slice(0, 32) ?? [], pair => Number.parseInt(pair, 16))
}

export interface Checked {
  /** Records that follow from the one before. */
  readonly whole: number
  readonly newest: number
  readonly oldest: number
  /** The lowest that does not follow, or is missing; null: none. */
  readonly firstBad: number | null
}

export interface Checker {
  /** Lines newest first, page after page. */
  take(lines: readonly TrailLine[]): Promise<Checked>
  /** After the last page: the first record follows from nothing. */
  end(): Promise<Checked>
}

export function createChecker(members: readonly string[] = hashedMembers): Checker {
  let above: TrailLine | null = null
  let state: Checked = { whole: 0, newest: 0, oldest: 0, firstBad: null }
  const judge = async (line: TrailLine, before: string): Promise<void> => {
    if ((await hashLine(before, line, members)) === line.hash) state = { ...state, whole: state.whole + 1 }
    else state = { ...state, firstBad: line.seq }
  }
  return {
    async take(lines) {
      for (const line of lines) {
        if (above === null) state = { ...state, newest: line.seq }
        else if (line.seq !== above.seq - 1) state = { ...state, firstBad: line.seq + 1 }
        else await judge(above, line.hash)
        state = { ...state, oldest: line.seq }
        above = line
      }
      return state
    },
    async end() {
      if (above !== null) {
        if (above.seq === 1) await judge(above, noHash)
        else state = { ...state, firstBad: 1 }
      }
      return state
    },
  }
}

/** Numbers as people read them. Null stays a dash: it never becomes 0. */
import { deviceWords } from '../words/terms.ts'
import { language, say } from './language.ts'

export type Basis = 'exact' | 'vendor' | 'stated' | 'assumed'

export interface Reach {
  readonly devices: number | null
  readonly basis: Basis
}

export function exact(count: number | null | undefined): string {
  return count === null || count === undefined ? '–' : count.toLocaleString('en-US')
}

function isGuess({ basis }: Reach): boolean {
  return basis === 'stated' || basis === 'assumed'
}

/** The whole number: in plans, dialogs, buttons and approvals. */
export function whole(reach: Reach): string {
  if (reach.devices === null) return '–'
  if (!isGuess(reach)) return exact(reach.devices)
  return language.value === 'zh' ? `约 ${exact(reach.devices)}` : `≈ ${exact(reach.devices)}`
}

/** With the word for what is counted. */
export function wholeDevices(reach: Reach): string {
  return language.value === 'zh' ? `${whole(reach)} 台设备` : `${whole(reach)} ${say(deviceWords.total)}`
}

/** In lists a guess is rounded: 约 128 万, ≈ 1.28 M. */
export function rounded(reach: Reach): string {
  const { devices } = reach
  if (devices === null || !isGuess(reach)) return whole(reach)
  if (language.value === 'zh') {
    return devices < 10_000 ? whole(reach) : `约 ${short(devices / 10_000)} 万`
  }
  if (devices < 10_000) return whole(reach)
  return devices < 1_000_000 ? `≈ ${short(devices / 1000)} k` : `≈ ${short(devices / 1_000_000)} M`
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}

/** Of several targets the weakest basis counts. */
export function weakest(bases: readonly Basis[]): Basis {
  const order: readonly Basis[] = ['assumed', 'stated', 'vendor', 'exact']
  return order.find(basis => bases.includes(basis)) ?? 'exact'
}

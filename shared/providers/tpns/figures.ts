/**
 * How many devices a push went to, by channel: https://cloud.tencent.com/document/product/548/39077. Kept for a month.
 *
 * The numbers decide whether a recall takes another person, so that of several that differ the greatest counts, and none is made
 * of what cannot be read.
 */
import type { ChannelFigures, Figures } from '../provider.ts'
import { isObject, type JsonObject, memberOf } from '../wire/reply.ts'
import { digitsOf, wordOf } from './record.ts'

/** Theirs, and ours where it is another. */
const channels: { readonly [channel: string]: string } = { xg: 'tpns', hw: 'huawei', xm: 'xiaomi', mz: 'meizu' }
const whole = 'all'
/** More than there are people. */
const most = 1e10

/** Null: the reply holds no figures that can be read. Without channels: there are none yet, or none any more. */
export function readTpnsFigures(reply: JsonObject): Figures | null {
  const data = memberOf(reply, 'pushStatDataAll')
  if (data === null) return { devices: null, channels: [] }
  if (!Array.isArray(data)) return null
  const rows = data.map(rowOf)
  const known = rows.filter(row => row !== null)
  const total = known.find(({ channel }) => channel === whole)
  const each = known.filter(row => row !== total)
  if (new Set(each.map(({ channel }) => channel)).size < each.length) return null
  // where a channel cannot be read, only the sum that the vendor made is whole
  if (known.length < rows.length && total === undefined) return null
  const sum = each.reduce((devices, row) => devices + reachedBy(row), 0)
  const devices = Math.max(sum, total === undefined ? 0 : reachedBy(total))
  return { devices: devices === 0 ? null : devices, channels: each }
}

/** It is a plan at first, and what was sent or has arrived may be more. */
function reachedBy({ planned, sent, arrived }: ChannelFigures): number {
  return Math.max(planned ?? 0, sent ?? 0, arrived ?? 0)
}

function rowOf(row: unknown): ChannelFigures | null {
  if (!isObject(row)) return null
  const [name, state] = [wordOf(memberOf(row, 'channel')), memberOf(row, 'pushState')]
  if (name === null || !isObject(state)) return null
  const planned = countOf(state, 'pushActiveUv')
  if (planned === null) return null
  return {
    channel: channels[name] ?? name,
    planned,
    sent: countOf(state, 'pushOnlineUv'),
    arrived: countOf(state, 'arrivalUv') ?? countOf(state, 'verifySvcUv'),
    clicked: countOf(state, 'clickUv'),
    cleared: countOf(state, 'cleanupUv'),
  }
}

function countOf(state: JsonObject, name: string): number | null {
  const digits = digitsOf(memberOf(state, name))
  const count = digits === null ? Number.NaN : Number(digits)
  return count <= most ? count : null
}

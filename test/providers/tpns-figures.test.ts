/** Figures decide whether a recall takes another person: whatever a vendor answers, they are never fewer than it says anywhere. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTpnsFigures } from '../../shared/providers/tpns/figures.ts'

const state = (planned: unknown, more: object = {}) => ({ pushActiveUv: planned, ...more })
const read = (...rows: unknown[]) => readTpnsFigures({ retCode: 0, pushStatDataAll: rows })

describe('figures of TPNS', () => {
  it('are read as the document prints them, under our names of channels', () => {
    const sample = {
      channel: 'xg',
      pushState: {
        pushActiveUv: 1000,
        pushOnlineUv: 800,
        verifySvcUv: 800,
        callbackVerifySvcUv: 0,
        verifyUv: 800,
        clickUv: 300,
        cleanupUv: 500,
      },
    }
    expect(read(sample)).toEqual({
      devices: 1000,
      channels: [{ channel: 'tpns', planned: 1000, sent: 800, arrived: 800, clicked: 300, cleared: 500 }],
    })
  })

  it('are the greatest of what is said', () => {
    const rows = [
      { channel: 'hw', pushState: state(10) },
      { channel: 'xm', pushState: state(20) },
    ]
    const devices = (...all: unknown[]) => read(...all)?.devices
    expect(devices(...rows)).toBe(30)
    expect(devices(...rows, { channel: 'all', pushState: state(7) })).toBe(30)
    expect(devices(...rows, { channel: 'all', pushState: state('5000') })).toBe(5000)
    expect(devices({ channel: 'xg', pushState: state(1, { pushOnlineUv: 9 }) })).toBe(9)
    // nobody is no audience: it is not known yet
    expect(read({ channel: 'all', pushState: state(0) })).toEqual({ devices: null, channels: [] })
    expect(readTpnsFigures({ pushStatDataAll: null })).toEqual({ devices: null, channels: [] })
  })

  it('are none where a channel cannot be read and no sum stands beside it', () => {
    const broken = [
      null,
      7,
      {},
      { channel: 'xg' },
      { channel: 'xg', pushState: '1000' },
      { channel: 'xg', pushState: state(-1) },
      { channel: 'xg', pushState: state(1.5) },
      { channel: 'xg', pushState: state(1e12) },
      { channel: '<b>', pushState: state(1) },
    ]
    const good = { channel: 'hw', pushState: state(10) }
    for (const row of broken) {
      expect(read(good, row), JSON.stringify(row)).toBeNull()
      expect(read(good, row, { channel: 'all', pushState: state(99) })?.devices).toBe(99)
    }
    expect(read(good, good)).toBeNull()
    for (const data of [undefined, {}, '[]', 3]) expect(readTpnsFigures({ pushStatDataAll: data })).toBeNull()
  })

  it('are never fewer than any of the rows says, nor anything but whole numbers', () => {
    const count = fc.oneof(fc.nat(2_000_000), fc.nat(9).map(String), fc.constantFrom(null, '', -3, 1.5, 'x', {}))
    const row = fc.record({
      channel: fc.constantFrom('xg', 'hw', 'xm', 'mz', 'oppo', 'vivo', 'all', 'new_one', '?'),
      pushState: fc.record({
        pushActiveUv: count,
        pushOnlineUv: count,
        arrivalUv: count,
        clickUv: count,
        cleanupUv: count,
      }),
    })
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: row }, fc.jsonValue()), { maxLength: 8 }), rows => {
        const figures = readTpnsFigures({ pushStatDataAll: rows })
        if (figures === null) return
        for (const { planned, sent, arrived, clicked, cleared } of figures.channels)
          for (const value of [planned, sent, arrived, clicked, cleared])
            expect(value === null || (Number.isSafeInteger(value) && value >= 0)).toBe(true)
        const sum = figures.channels.reduce((all, { planned }) => all + (planned ?? 0), 0)
        expect(figures.devices ?? 0).toBeGreaterThanOrEqual(sum)
        if (figures.devices !== null) expect(Number.isSafeInteger(figures.devices) && figures.devices > 0).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

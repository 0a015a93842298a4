import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultPorts, isIpAddress, readDestination, refusalOfAddress } from '../../shared/webhooks/address.ts'

const closed = { allowLoopback: false, ports: defaultPorts }
const refusalOf = (url: string, options = closed) => {
  const read = readDestination(url, options)
  return 'refusal' in read ? read.refusal : null
}

describe('addresses', () => {
  it.each([
    ['8.8.8.8'],
    ['1.1.1.1'],
    ['100.63.255.255'],
    ['100.128.0.0'],
    ['172.15.255.255'],
    ['172.32.0.0'],
    ['169.253.255.255'],
    ['223.255.255.255'],
    ['2400:3200::1'],
    ['2001:4860:4860::8888'],
    ['2606:4700::1111'],
  ])('%s is public', address => expect(refusalOfAddress(address)).toBeNull())
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'this network'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['100.100.100.200', 'carrier-grade NAT'],
    ['169.254.169.254', 'link-local'],
    ['169.254.0.23', 'link-local'],
    ['168.63.129.16', 'metadata'],
    ['192.0.0.192', 'protocol assignments'],
    ['192.88.99.1', '6to4 relay'],
    ['198.19.0.1', 'benchmarking'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::', 'IPv4-compatible'],
    ['::1', 'loopback'],
    ['::7f00:1', 'IPv4-compatible'],
    ['::ffff:127.0.0.1', 'IPv4-mapped'],
    ['::ffff:8.8.8.8', 'IPv4-mapped'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b::169.254.169.254', 'NAT64'],
    ['64:ff9b:1::1', 'NAT64'],
    ['2001::1', 'protocol assignments, Teredo'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4'],
    ['3fff::1', 'documentation'],
    ['fd00:ec2::254', 'private'],
    ['fc00::1', 'private'],
    ['fe80::1', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['5f00::1', 'not global unicast'],
    ['100::1', 'not global unicast'],
    ['fe80::1%eth0', 'not an address'],
    ['0x7f.0.0.1', 'not an address'],
    ['0177.0.0.1', 'not an address'],
    ['127.1', 'not an address'],
    ['2130706433', 'not an address'],
    ['1.2.3.256', 'not an address'],
    ['', 'not an address'],
  ])('%s is refused: %s', (address, kind) => expect(refusalOfAddress(address)).toBe(kind))

  it("are read as Node reads them, whatever the spelling, and no public one lies in Node's own blocks", () => {
    const refused = new BlockList()
    for (const [base, prefix] of [
      ['0.0.0.0', 8],
      ['10.0.0.0', 8],
      ['100.64.0.0', 10],
      ['127.0.0.0', 8],
      ['169.254.0.0', 16],
      ['172.16.0.0', 12],
      ['192.168.0.0', 16],
      ['224.0.0.0', 3],
    ] as const) {
      refused.addSubnet(base, prefix)
    }
    const group = fc.integer({ min: 0, max: 0xffff }).map(value => value.toString(16))
    const v6 = fc.oneof(
      fc.ipV6(),
      fc.tuple(fc.array(group, { maxLength: 8 }), fc.array(group, { maxLength: 8 })).map(([head, tail]) => {
        return `${head.join(':')}::${tail.join(':')}`
      }),
    )
    const mangled = fc.stringMatching(/^[0-9a-f:.]{0,24}$/)
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV4Extended(), v6, mangled), text => {
        expect(isIpAddress(text)).toBe(isIP(text) !== 0)
        if (isIP(text) === 4 && refused.check(text)) expect(refusalOfAddress(text)).not.toBeNull()
        if (isIP(text) === 6 && !/^[23]/.test(new URL(`http://[${text}]`).hostname.slice(1))) {
          expect(refusalOfAddress(text)).not.toBeNull()
        }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('URLs', () => {
  it.each([
    ['https://hooks.example.com/a?b=c#d'],
    ['https://hooks.example.com:443'],
    ['https://HOOKS.example.com:8443/x'],
    ['https://xn--fiqs8s.cn/x'],
    ['https://8.8.8.8/x'],
    ['https://[2400:3200::1]/x'],
  ])('%s may be asked', url => expect(refusalOf(url)).toBeNull())

  it('may be of loopback only where that is configured', () => {
    const open = { allowLoopback: true, ports: defaultPorts }
    for (const url of ['http://127.0.0.1:9/x', 'https://127.0.0.1:9/x', 'http://localhost:9/x', 'http://[::1]:9/x']) {
      expect(refusalOf(url, open)).toBeNull()
      expect(refusalOf(url)).not.toBeNull()
    }
    for (const url of [
      'http://hooks.example.com/x',
      'http://10.0.0.1/x',
      'https://10.0.0.1/x',
      'http://0x7f.1/x',
      'http://user@127.0.0.1/x',
      'http://169.254.169.254/x',
      'file:///etc/passwd',
    ]) {
      expect(refusalOf(url, open)).not.toBeNull()
    }
  })
})

/** What a provider does on a real connection, with the transport it is deployed with. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import type { Credentials } from '../../shared/providers/provider.ts'
import { callOf, type Context, openCredentials, perform, requestOf, type Step } from './subject.ts'
import { say, startVendorServer, type VendorServer } from './vendor-server.ts'

export function describeWire<C extends Credentials>({ subject, steps }: Context<C>): void {
  const { provider, content, session = null } = subject

  describe('over a real connection', () => {
    let vendor: VendorServer
    beforeAll(async () => {
      vendor = await startVendorServer(subject.protocol)
    })
    afterAll(() => vendor.close())

    const askServer = async (step: Step, timeoutMs = 5000) => {
      const own = openCredentials(provider, { ...subject.document, endpoint: vendor.url })
      vendor.arrived.length = 0
      const call = callOf(own, send, { timeoutMs, session })
      return perform(provider, step, requestOf(subject, step), content, call)
    }

    it.each(steps)('%s signs the bytes it sends, once', async step => {
      vendor.answer = say(200, '{}')
      await askServer(step)
      expect(vendor.arrived).toHaveLength(1)
      const [request] = vendor.arrived
      if (request === undefined) throw new Error('nothing arrived')
      const type = request.headers['content-type']
      if (type?.startsWith('application/json') === true) expect(JSON.parse(request.body)).toBeTypeOf('object')
      // what has a body says of which type it is
      expect(request.body === '' || type !== undefined).toBe(true)
      expect(await subject.isSigned(request)).toBe(true)
    })

    it.each(steps)('%s survives 10 MB, a reset, half a reply and silence', async step => {
      vendor.answer = say(200, ' '.repeat(10 << 20))
      expect((await askServer(step)).outcome).toMatchObject({
        kind: 'unknown',
        reason: expect.stringContaining('large'),
      })
      vendor.answer = response => response.destroy()
      expect((await askServer(step)).outcome).toMatchObject({
        kind: 'unknown',
        reason: expect.stringContaining('reset'),
      })
      const whole = subject.yes[step]?.[0].text ?? ''
      vendor.answer = response => {
        const half = whole === '' ? 'x' : whole.slice(0, whole.length / 2)
        response.writeHead(200, { 'content-length': '1000' }).write(half)
        setImmediate(() => response.destroy())
      }
      expect((await askServer(step)).outcome.kind).toBe('unknown')
      vendor.answer = () => {}
      const silent = await askServer(step, 60)
      expect(silent.outcome).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/timeout|unreached/) })
      // a slow machine gives up before it has connected
      expect(vendor.arrived.length).toBeLessThanOrEqual(1)
    })
  })
}

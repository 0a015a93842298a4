/** What a provider does on a real connection, with the transport it is deployed with. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import type { Credentials } from '../../shared/providers/provider.ts'
import { callOf, type Context, openCredentials, perform, type Step } from './subject.ts'
import { say, startVendorServer, type VendorServer } from './vendor-server.ts'

export function describeWire<C extends Credentials>({ subject, steps }: Context<C>): void {
  const { provider, request, content } = subject

  describe('over a real connection', () => {
    let vendor: VendorServer
    beforeAll(async () => {
      vendor = await startVendorServer()
    })
    afterAll(() => vendor.close())

    const askServer = async (step: Step, timeoutMs = 5000) => {
      const own = openCredentials(provider, { ...subject.document, endpoint: vendor.url })
      vendor.arrived.length = 0
      return perform(provider, step, request, content, callOf(own, send, { timeoutMs }))
    }

    it.each(steps)('%s signs the bytes it sends, once', async step => {
      vendor.answer = say(200, '{}')
      await askServer(step)
      expect(vendor.arrived).toHaveLength(1)
      const [request] = vendor.arrived
      expect(JSON.parse(request?.body ?? '')).toBeTypeOf('object')
      expect(request?.headers['content-type']).toBe('application/json')
      expect(await subject.isSigned(request?.headers ?? {}, request?.body ?? '')).toBe(true)
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
      vendor.answer = response => {
        response.writeHead(200, { 'content-length': '100' }).write('{"ret_code":0,"code":"80000000"')
        setImmediate(() => response.destroy())
      }
      expect((await askServer(step)).outcome.kind).toBe('unknown')
      vendor.answer = () => {}
      const silent = await askServer(step, 60)
      expect(silent.outcome).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('timeout') })
      expect(vendor.arrived).toHaveLength(1)
    })
  })
}

/** Vendors that nobody runs, as many as are wanted: small ones, each with one app and one kind of phone. */
import * as z from 'zod/mini'
import type { StandIn } from '../../sandbox/vendors/stand-in.ts'
import { answer } from '../../sandbox/vendors/judgement.ts'

export function madeUp(count: number): readonly StandIn[] {
  return Array.from({ length: count }, (_, index) => one(`v${index}`, index))
}

function one(vendor: string, index: number): StandIn {
  const app = `app-${vendor}`
  const push = z.strictObject({ app: z.literal(app), title: z.string(), content: z.string() })
  const words = { en: `Vendor ${index}`, zh: `厂商 ${index}` }
  return {
    vendor,
    name: vendor,
    title: words,
    mount: vendor,
    order: 10 + index,
    apps: [{ name: app, title: words, operations: ['revoke'], slowly: false, push }],
    phones: [
      {
        app,
        channel: vendor,
        model: null,
        count: 40,
        words,
        looks: 'android',
        effects: { stop: 'none', revoke: 'removes', overlay: 'none' },
        queue: 'vendor',
        badge: true,
        appDies: false,
        token: null,
      },
    ],
    switches: {},
    faults: {
      yes: '{"ok":true}',
      refused: said => ({ httpStatus: 400, text: `{"error":${said}}` }),
      unknownCode: { httpStatus: 418, text: '{"error":"?"}' },
    },
    docs: { paths: [], pushes: [], checks: { en: '.', zh: '。' }, leftOut: { en: '.', zh: '。' } },
    createState: () => ({}),
    start: () => ({
      judge: () => answer('OK', '{"ok":true}'),
      secrets: () => ({}),
      send: () => ({ answer: {}, recall: {} }),
      target: () => null,
      demo: () => [],
    }),
  }
}

/** Alone in its process: what the engine compiles depends on all that it has read before. */
import { expect, it } from 'vitest'
import { readJson } from '../shared/json.ts'

it('is read at one pace before and after the engine has compiled the reader for what callers send', () => {
  const body = (value: unknown) => Buffer.from(JSON.stringify(value))
  const ordinary = [
    {
      id: 'a',
      contents: ['article:1'],
      title: 't',
      targets: Array.from({ length: 100 }, (_, n) => ({ app: 'app-a', pushId: String(n) })),
    },
    { target: { app: 'a', pushId: '1' }, reason: 'r' },
    { contents: ['x'], expiresAt: null },
  ].map(body)
  // the longer what follows, the longer a look for what is not there takes
  const objects = Buffer.concat([
    body({ targets: Array.from({ length: 240_000 }, () => ({})) }),
    Buffer.alloc(3e6, ' '),
  ])
  const took = () => {
    const startedAt = performance.now()
    readJson(objects, objects.length)
    return performance.now() - startedAt
  }
  const cold = took()
  for (let round = 0; round < 4000; round++) for (const each of ordinary) readJson(each, each.length)
  expect(took()).toBeLessThan(20 * Math.max(50, cold))
})

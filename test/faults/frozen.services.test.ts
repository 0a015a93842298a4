/**
 * A warm function that was frozen for a minute, and for ten, while every connection to the vendor died: the next recall.
 * A real function process on PostgreSQL; the short form freezes it for longer than connections are kept.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { figure, soak } from '../support/figures.ts'
import { startTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy.ts'
import type { Answer, Step } from './function-process.ts'
import { openRig } from './rig.ts'
import { bundleFunctions, type Functions, type Running } from './processes.ts'
import type { Vendor } from './vendor.ts'

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const many = 32
const frozenSeconds = soak ? [60, 600] : [5]
/** Each with a process of its own. */
const cases = frozenSeconds.flatMap(seconds => (['reset', 'silence'] as const).map(death => ({ seconds, death })))

describe('a frozen function (PostgreSQL)', () => {
  let functions: Functions
  beforeAll(async () => {
    functions = await bundleFunctions()
  })
  afterAll(() => functions.close())

  describe.concurrent('whose connections died', () => {
    it.for(cases)(
      'takes a push back as if nothing had been: $death, $seconds s',
      { timeout: 700_000 },
      async ({ seconds, death }, context) => {
        const { expect } = context
        const { proxy, toLedger, vendor, running, perform, close } = await startWorld(functions)
        context.onTestFinished(close)
        // replies overlap, so that each has a connection of its own: none comes before more than half of the requests are there
        vendor.judge = async () => {
          for (let turn = 0; vendor.acts.length <= many / 2 && turn < 60; turn++) await pause(100)
          await pause(100)
          return 'yes' as const
        }
        const pushes = Array.from({ length: many }, (_, nth) => target(nth + 1))
        expect(await perform(register(pushes))).toEqual([201, undefined])
        expect(await perform(revoke({ message: 'm' }))).toEqual([202, 'done'])
        vendor.judge = () => 'yes'
        const liveMs = await timed(async () => {
          expect(await perform(revoke({ target: target(many + 1) }))).toEqual([202, 'done'])
        })
        const [opened, asked] = [proxy.accepted(), vendor.acts.length]
        expect([opened > many / 2, asked]).toEqual([true, many + 1])
        running.freeze()
        await pause(50)
        await proxy.kill(death)
        // nothing on the way to a database gives up as soon as five seconds
        if (seconds >= 60) await toLedger.kill(death)
        await pause(seconds * 1000)
        running.thaw()
        const frozenMs = await timed(async () => {
          expect(await perform(revoke({ target: target(many + 2) }))).toEqual([202, 'done'])
        })
        expect([proxy.met(), proxy.accepted() - opened, vendor.acts.length - asked]).toEqual([0, 1, 1])
        const more = `${Math.round(frozenMs)} ms, ${Math.round(liveMs)} ms before it`
        const goalS = death === 'silence' ? 11 : 1.5
        const what = `recall after ${seconds} s of SIGSTOP, connections died (${death})`
        figure(context, what, more, `≤ ${goalS} s more`, frozenMs - liveMs <= goalS * 1000)
      },
    )
  })
})

/** `POST` of one function. */
type Asking = Pick<Extract<Step, { readonly call: string }>, 'call' | 'path'> & { readonly body: object }

const target = (notifyId: number) => ({ app: 'phones', notifyId, tokens: [`token-${notifyId}`] })
const register = (targets: readonly object[]): Asking => ({
  call: 'messages',
  path: '/v1/messages',
  body: { id: 'm', targets },
})
const revoke = (subject: object): Asking => ({
  call: 'revoke',
  path: '/v1/revoke',
  body: { ...subject, reason: 'r' },
})

interface World {
  readonly proxy: TcpProxy
  readonly toLedger: TcpProxy
  readonly vendor: Vendor
  readonly running: Running
  /** Resolves with the status and the state that the answer tells. */
  readonly perform: (asking: Asking) => Promise<readonly [number, unknown]>
  readonly close: () => Promise<void>
}

async function startWorld(functions: Functions): Promise<World> {
  const rig = await openRig(inject('postgres'), functions)
  const { vendor, key, environment } = rig
  const proxy = await startTcpProxy({ port: Number(new URL(vendor.url).port) })
  const ledgerUrl = environment['LEDGER_URL'] ?? ''
  const toLedger = await startTcpProxy({ port: Number(new URL(ledgerUrl).port) })
  const file = (environment['SECRETS'] ?? '').slice('file:'.length)
  const documents = await readFile(file, 'utf8')
  await writeFile(file, documents.replaceAll(vendor.url, throughProxy(vendor.url, proxy).replace(/\/$/, '')))
  const running = functions.start(
    { steps: [], crash: null, stays: true },
    { ...environment, LEDGER_URL: throughProxy(ledgerUrl, toLedger) },
  )
  await running.answers()
  return {
    vendor,
    proxy,
    toLedger,
    running,
    perform: async ({ call, path, body }) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'wait=20' }
      const [answer] = await running.answers([{ call, path, headers, body: JSON.stringify(body) }])
      return told(answer)
    },
    close: async () => {
      running.kill()
      await running.ended
      await Promise.all([proxy.close(), toLedger.close(), rig.close()])
    },
  }
}

function told(answer: Answer | undefined): readonly [number, unknown] {
  return [answer?.status ?? 0, JSON.parse(answer?.body ?? '{}').state]
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

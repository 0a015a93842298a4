/** The folders of the stand-ins, and what one more vendor may be like: HTTP/2, every method, forms, one token a request. */
import { readdirSync } from 'node:fs'
import { connect } from 'node:http2'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { check } from '../../sandbox/switch.ts'
import { answer, gatewayPage } from '../../sandbox/vendors/judgement.ts'
import { standIns } from '../../sandbox/vendors/registry.ts'
import type { StandIn } from '../../sandbox/vendors/stand-in.ts'
import { createTestSandbox, usualStandIns } from '../support/sandbox.ts'
import { readSources } from '../support/sources.ts'
import { type Running, startSandbox } from './world.ts'

const app = 'news-lamp'
const switches = { shy: check(false, { en: 'Shy', zh: '害羞' }) }
/** Nobody's: takes a lamp off by one DELETE a token, and lists, renames and lights lamps by GET, PUT and a form. */
const lamp: StandIn<{ lit: string[] }, typeof switches> = {
  vendor: 'lamp',
  name: 'lamp',
  title: { en: 'Lamp', zh: '灯' },
  mount: 'lamp',
  order: 99,
  protocol: 'http/2',
  apps: [
    {
      name: app,
      title: { en: 'Lamps', zh: '灯' },
      operations: ['revoke'],
      slowly: false,
      push: z.strictObject({ app: z.literal(app), title: z.string(), content: z.string() }),
    },
  ],
  phones: [
    {
      app,
      channel: 'lamp',
      model: null,
      count: 7,
      words: { en: 'Lamp', zh: '灯' },
      looks: 'phone',
      effects: { stop: 'none', revoke: 'removes', overlay: 'none' },
      queue: 'vendor',
      badge: false,
      appDies: false,
      token: id => `token-of-${id}`,
    },
  ],
  switches,
  faults: {
    yes: '{"ok":true}',
    refused: words => ({ httpStatus: 400, text: `{"reason":${words}}` }),
    unknownCode: { httpStatus: 418, text: '{"reason":"Teapot"}' },
  },
  docs: { paths: [], pushes: [], checks: { en: '.', zh: '。' }, leftOut: { en: '.', zh: '。' } },
  maskPath: path => path.replace(/^(\/lamps\/).*/, '$1…'),
  createState: () => ({ lit: [] }),
  start: ({ state, fleet, switches: thrown }) => ({
    judge: ({ method, path, query, headers, body }) => {
      if (thrown.shy) return answer('Shy', '{"reason":"Shy"}', { httpStatus: 429, headers: { 'retry-after': '7' } })
      const token = path.slice('/lamps/'.length)
      if (method === 'GET')
        return answer('OK', JSON.stringify({ lit: state.lit.filter(id => id !== query.get('but')) }))
      if (fleet.byToken(token) === undefined) return gatewayPage(404, 'Not Found')
      const form = new URLSearchParams(body.toString())
      if (method === 'PUT' || (method === 'POST' && headers['content-type'] === 'application/x-www-form-urlencoded'))
        return answer('OK', '', { tokens: 1, act: () => state.lit.push(form.get('id') ?? token) })
      return answer('OK', '', { tokens: 1, act: () => state.lit.splice(0) })
    },
    secrets: endpoint => ({ [app]: { provider: 'lamp', endpoint } }),
    send: () => ({ answer: {}, recall: {} }),
    target: () => null,
    demo: () => [{ id: 'promo-lamp', target: { app } }],
  }),
}

it('each have a folder of the vendor’s name, and names of their own', () => {
  const folders = readdirSync(new URL('../../sandbox/vendors/', import.meta.url), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
  expect(standIns.map(({ vendor }) => vendor).toSorted()).toEqual(folders.toSorted())
  for (const names of [
    standIns.map(({ name }) => name),
    standIns.map(({ mount }) => mount),
    standIns.flatMap(({ apps }) => apps.map(({ name }) => name)),
  ])
    expect(new Set(names).size).toBe(names.length)
  expect(standIns.slice(0, usualStandIns.length)).toEqual(usualStandIns)
})

it('are named nowhere else in the sandbox, nor are their apps and what their pushes are known by', async () => {
  const folders = new RegExp(`^sandbox/vendors/(${standIns.map(({ vendor }) => vendor).join('|')})/`)
  const sources = (await readSources()).filter(({ path }) => path.startsWith('sandbox/') && !folders.test(path))
  expect(sources.length).toBeGreaterThan(50)
  const words = [
    ...standIns.flatMap(({ vendor, name, title, apps }) => [
      vendor,
      name,
      title.en,
      title.zh,
      ...apps.map(app => app.name),
    ]),
    'pushId',
    'notifyId',
  ]
  // a moderation system of one of them bears its maker's name
  const named = new RegExp(`\\b(${words.join('|')})\\b(?!-moderation)`, 'i')
  expect(sources.flatMap(({ path, text }) => (named.test(text) ? [`${path}: ${named.exec(text)?.[0]}`] : []))).toEqual(
    [],
  )
})

it('start together, and every app of theirs sends the demo’s push', () => {
  const sandbox = createTestSandbox({ standIns })
  const secrets = Object.keys(sandbox.secrets('http://127.0.0.1:1')).filter(name => name.startsWith('unpush/apps/'))
  const apps = standIns.flatMap(one => one.apps.map(({ name }) => name))
  expect(secrets).toEqual(apps.map(name => `unpush/apps/${name}`))
  const messages = sandbox.demo({ title: 't', body: 'b', round: '20261129120000000' })
  expect(messages.map(({ target }) => target.app)).toEqual(apps)
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length)
  for (const name of apps)
    expect(
      sandbox.fleet.ofApp(name).some(({ mark }) => mark === 'shown'),
      name,
    ).toBe(true)
  sandbox.close()
})

describe('one more vendor', () => {
  let running: Running | null = null
  afterEach(() => running?.close())
  const open = async () => (running = await startSandbox({ standIns: [...usualStandIns, lamp] }))
  const calls = async ({ url }: Running) => JSON.parse(await (await fetch(`${url}/_sandbox/calls`)).text()).items

  it('is on page, API and documents without a line elsewhere', async () => {
    const { url, sandbox } = await open()
    const { phones, vendors } = JSON.parse(await (await fetch(`${url}/_sandbox/vendors`)).text())
    expect(phones).toBe(sandbox.phones.length)
    expect(vendors.map(({ name, open: isOpen }: { name: string; open: boolean }) => [name, isOpen])).toEqual([
      ['tpns', true],
      ['pushKit', true],
      ['lamp', false],
    ])
    expect(vendors[2].switches.shy).toMatchObject({ kind: 'check', label: { en: 'Shy' } })
    const docs = await (await fetch(`${url}/_sandbox/docs`)).text()
    for (const said of ['news-lamp', '<code>shy</code>', 'Lamp · 灯']) expect(docs).toContain(said)
    expect(sandbox.fleet.ofGroup('lamp').length).toBe(7)
  })

  it('takes any method, queries and forms, and keeps tokens out of the list of calls', async () => {
    const { url } = await open()
    const at = `${url}/_sandbox/lamp/lamps/token-of-lamp-1`
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'id=a%26b' }
    expect((await fetch(at, form)).status).toBe(200)
    expect((await fetch(at, { method: 'PUT' })).headers.get('content-type')).toBeNull()
    expect(await (await fetch(`${url}/_sandbox/lamp/all?but=token-of-lamp-1`)).text()).toBe('{"lit":["a&b"]}')
    expect((await fetch(at, { method: 'DELETE' })).status).toBe(200)
    const items = await calls(running as Running)
    expect(
      items.map(({ method, path, said, tokens }: { [name: string]: unknown }) => [method, path, said, tokens]),
    ).toEqual([
      ['DELETE', '/lamps/…', 'yes', 1],
      ['GET', '/all', 'yes', null],
      ['PUT', '/lamps/…', 'yes', 1],
      ['POST', '/lamps/…', 'yes', 1],
    ])
    expect(JSON.stringify(items)).not.toContain('token-of')
  })

  it('speaks HTTP/2 at a port of its own, with the same switches and faults', async () => {
    const { sandbox, url } = await open()
    const { endpoint } = sandbox.secrets(url)[`unpush/apps/${app}`] as { endpoint: string }
    expect(new URL(endpoint).port).not.toBe(new URL(url).port)
    const session = connect(endpoint)
    const ask = (headers: { [name: string]: string }) =>
      new Promise<{ status: unknown; later: unknown; text: string }>((resolve, reject) => {
        const stream = session.request(headers)
        let head: { [name: string]: unknown } = {}
        let text = ''
        stream
          .setEncoding('utf8')
          .on('response', got => (head = got))
          .on('data', (chunk: string) => (text += chunk))
          .on('end', () => resolve({ status: head[':status'], later: head['retry-after'], text }))
          .on('error', reject)
          .end()
      })
    expect(await ask({ ':method': 'DELETE', ':path': '/lamps/token-of-lamp-2' })).toMatchObject({
      status: 200,
      text: '',
    })
    Object.assign(sandbox.switches['lamp'] ?? {}, { shy: true })
    expect(await ask({ ':path': '/all' })).toMatchObject({ status: 429, later: '7' })
    Object.assign(sandbox.switches['lamp'] ?? {}, { failure: 'reset', calls: 1 })
    await expect(ask({ ':path': '/all' })).rejects.toThrow('NGHTTP2_INTERNAL_ERROR')
    Object.assign(sandbox.switches['lamp'] ?? {}, { failure: 'unknownCode', calls: 1 })
    expect(await ask({ ':path': '/all' })).toMatchObject({ status: 418 })
    expect((await calls(running as Running)).map(({ code }: { code: string }) => code)).toEqual([
      'unknownCode',
      'reset',
      'Shy',
      'OK',
    ])
    session.destroy()
  })
})

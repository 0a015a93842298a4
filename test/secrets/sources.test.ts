import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { provideSandboxSecrets, sandboxSource } from '../../shared/secrets/sandbox.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { appsSchema } from '../../shared/secrets/documents.ts'
import { openSecretSource } from '../../shared/secrets/sources.ts'

const documents = {
  'unpush/apps/news-android': { provider: 'tpns' },
  'unpush/apps/news-harmony': { provider: 'huawei' },
  'unpush/access': { keys: [] },
}

describe('sandbox', () => {
  // The order of these two tests is the point: nobody has provided anything yet.
  it('says in one line that it needs npm start', async () => {
    await expect(sandboxSource().fetch('unpush/access')).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'secret unpush/access: SECRETS=sandbox works only under npm start',
    })
  })

  it('serves what the sandbox provides, now', async () => {
    let role = 'viewer'
    provideSandboxSecrets(() => ({ 'unpush/access': { role } }))
    const source = openSecretSource({ kind: 'sandbox' })
    expect(await source.fetch('unpush/access')).toBe('{"role":"viewer"}')
    role = 'admin'
    expect(await source.fetch('unpush/access')).toBe('{"role":"admin"}')
    provideSandboxSecrets(documents)
    expect(await source.list?.()).toEqual(['unpush/apps', ...Object.keys(documents)])
  })
})

describe('file', () => {
  let folder = ''
  let path = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unpush-secrets-'))
    path = join(folder, 'secrets.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const source = () => openSecretSource({ kind: 'file', path })
  const write = (content: unknown) => writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))

  it('serves the documents by name', async () => {
    await write(documents)
    expect(await source().fetch('unpush/apps/news-android')).toBe('{"provider":"tpns"}')
    expect(await source().fetch('unpush/apps/other')).toBeNull()
    expect(await source().list?.()).toEqual(['unpush/apps', ...Object.keys(documents)])
  })

  it('derives unpush/apps, unless it is given', async () => {
    await write(documents)
    const apps = () => openSecrets(source()).read('unpush/apps', appsSchema())
    expect(await apps()).toEqual({ apps: ['news-android', 'news-harmony'] })
    await write({ ...documents, 'unpush/apps': { apps: ['news-android'] } })
    expect(await apps()).toEqual({ apps: ['news-android'] })
    await write({})
    expect(await apps()).toEqual({ apps: [] })
  })

  it('derives unpush/subscribers, unless it is given', async () => {
    await write({ 'unpush/subscribers/console': {}, 'unpush/subscribers/group-1': {} })
    expect(await source().fetch('unpush/subscribers')).toBe('{"subscribers":["console","group-1"]}')
    await write({ 'unpush/subscribers/console': {}, 'unpush/subscribers': { subscribers: [] } })
    expect(await source().fetch('unpush/subscribers')).toBe('{"subscribers":[]}')
    expect(await source().fetch('unpush/webhooks')).toBe('{"webhooks":[]}')
  })

  it('takes a byte order mark', async () => {
    await write(`\ufeff${JSON.stringify(documents)}`)
    expect(await source().fetch('unpush/access')).toBe('{"keys":[]}')
  })

  it('that is not there is unavailable', async () => {
    await expect(source().fetch('unpush/access')).rejects.toMatchObject({
      kind: 'unavailable',
      message: `secret unpush/access: the file ${path} cannot be read (ENOENT)`,
    })
  })

  it.each([
    ['{"unpush/access": canary-1}', 'is not valid JSON: line 1, column 19: expected a value'],
    ['[]', 'must hold one JSON object whose keys are names of secrets'],
    ['null', 'must hold one JSON object whose keys are names of secrets'],
    ['{"unpush/app/news":{}}', 'has a key "unpush/app/news", which is not the name of a secret'],
    ['{"canary-1-secret":{}}', 'has a key of 15 characters, which is not the name of a secret'],
    ['{"__proto__":{}}', 'has a key of 9 characters, which is not the name of a secret'],
  ])('%s is one line without content', async (content, words) => {
    await write(content)
    const failure = await source()
      .fetch('unpush/access')
      .catch((reason: unknown) => reason)
    expect(failure).toMatchObject({ kind: 'malformed', message: `secret unpush/access: the file ${path} ${words}` })
    expect(String(failure)).not.toContain('canary')
  })
})

/** What is deployed: small, the same bytes everywhere, whole without a node_modules, and nothing that is local. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundleAll, bundleFunction, unpack } from '../../deploy/bundle.ts'
import { type FunctionName, functions } from '../../shared/functions.ts'
import { vendors } from '../../shared/providers/registry.ts'

const names = Object.keys(functions) as FunctionName[]
const root = fileURLToPath(new URL('../../', import.meta.url))
/** `sweep` does what all others leave to it. */
const larger: { readonly [name: string]: number } = { dashboard: 250, sweep: 165 }
/** Two vendors are in it; a further one may take 10 KB, but where none is. */
const most = (name: FunctionName) => {
  const further = functions[name].class === 'public' ? 0 : vendors.names.length - 2
  return ((larger[name] ?? 160) + 10 * further) * 1024
}

let folder = ''
const made = new Map<FunctionName, Bundle>()
const bundleOf = (name: FunctionName): Bundle => {
  const bundle = made.get(name)
  if (bundle === undefined) throw new Error(`${name} was not bundled`)
  return bundle
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpush-bundle-'))
  for (const bundle of await bundleAll()) {
    made.set(bundle.name, bundle)
    await unpack(bundle, join(folder, bundle.name))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const textOf = (name: FunctionName, file: string) => Buffer.from(bundleOf(name).files[file] ?? []).toString()

/** Runs a script in a Node that has nothing beside the bundles: no packages, no project, no environment. */
function runBeside(script: string, environment: NodeJS.ProcessEnv = {}): unknown {
  const output = execFileSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8', env: environment })
  return JSON.parse(output)
}

describe.each(names)('the bundle of %s', name => {
  it('fits its limit', () => {
    expect(bundleOf(name).zip.length).toBeLessThanOrEqual(most(name))
  })
  it('is a readable index.js in a zip, with what it loads later beside it', () => {
    const { zip, files } = bundleOf(name)
    const zipped = unzipSync(zip)
    expect(Object.keys(zipped)).toEqual(Object.keys(files))
    expect(Object.keys(zipped)[0]).toBe('index.js')
    expect(Object.keys(zipped).includes('openapi.json')).toBe(name === 'dashboard')
    const differ = Object.keys(files).filter(
      file => !Buffer.from(zipped[file] ?? []).equals(Buffer.from(files[file] ?? [])),
    )
    expect(differ).toEqual([])
    expect(JSON.parse(textOf(name, 'package.json'))).toEqual({ type: 'commonjs' })
    // the central directory: made on Unix, `-rw-r--r--`
    const directory = Buffer.from(zip).lastIndexOf('PK\x01\x02')
    expect(zip[directory + 5]).toBe(3)
    expect(Buffer.from(zip).readUInt16LE(directory + 40)).toBe(0o100644)
  })
  it('holds no engine, SDK or file of one machine', () => {
    const { inputs, files } = bundleOf(name)
    const local = /electric-sql|pglite|aws-sdk|\/got\/|\.sql$|^(sandbox|deploy|bench|test)\//
    const all = Object.values(inputs).flat()
    expect(all.filter(input => local.test(input) && input !== 'local-only:pglite')).toEqual([])
    for (const file of Object.keys(files)) {
      expect(textOf(name, file)).not.toMatch(/electric-sql|devDependencies/)
      expect(textOf(name, file)).not.toContain(root)
    }
  })
  it('compiles at once nothing of a vendor, a moderation system or a client, nor what works on recalls or tells of them', () => {
    const later =
      /^shared\/(http2|providers\/(?!(registry|provider)\.ts)|recall\/(drain|perform|attempt|steps|proof|ladder|turns)|moderation\/(act-on|pulls|pull-v|sources\/(aliyun|ishumei))|webhooks\/(deliver|card))|node_modules\/(postgres|jose|saxes|xmlchars|@tencent-sdk)\//
    const { inputs } = bundleOf(name)
    expect(
      Object.values(inputs)
        .flat()
        .filter(input => later.test(input)).length,
    ).toBeGreaterThan(10)
    expect(inputs['index.js']?.filter(input => later.test(input))).toEqual([])
  })
  it('has vendors, and what works on recalls, unless it is for the public', () => {
    const { inputs } = bundleOf(name)
    const working = Object.values(inputs)
      .flat()
      .filter(input => /^shared\/(providers\/[\w-]+\/index|recall\/drain)\.ts$/.test(input))
    expect(working.length).toBe(functions[name].class === 'public' ? 0 : vendors.names.length + 1)
  })
  it('has every module in one file only', () => {
    const all = Object.values(bundleOf(name).inputs).flat()
    expect(all.filter((input, place) => all.indexOf(input) !== place)).toEqual([])
  })
  it('loads what it loads later by require()', () => {
    const { files } = bundleOf(name)
    const scripts = Object.keys(files).filter(file => file.endsWith('.js'))
    expect(scripts.filter(file => /\bimport\(/.test(textOf(name, file)))).toEqual([])
    expect(textOf(name, 'index.js')).toContain('require("./postgres.js")')
  })
  it('loads alone and exports main_handler', () => {
    const script = `
      const { main_handler: handler } = require('./${name}/index.js')
      const files = Object.keys(require.cache).map(path => path.split('/').at(-1))
      const slow = process.moduleLoadList.filter(name => /^NativeModule (_?https?|http2|tls|_tls_\\w+|internal.deps.undici.undici)/.test(name))
      console.log(JSON.stringify({ handler: typeof handler, files, slow }))`
    expect(runBeside(script)).toEqual({ handler: 'function', files: ['index.js'], slow: [] })
  })
})

describe('the bundles', () => {
  it('load the signature of Tencent’s package, and no client of its, when they first call Tencent, and not where the secrets are of AWS', () => {
    const event = JSON.stringify({ httpMethod: 'GET', path: '/v1/status', headers: {}, queryString: {}, body: '' })
    const filesAfter = (environment: NodeJS.ProcessEnv) =>
      runBeside(
        `const write = process.stdout.write.bind(process.stdout)
        process.stdout.write = () => true // what it logs
        require('./status/index.js').main_handler(${event}, { getRemainingTimeInMillis: () => 9000, request_id: '1' })
          .then(reply => {
            const files = Object.keys(require.cache).map(path => path.split('/').at(-1))
            require('fs').writeFileSync('loaded.json', JSON.stringify({ status: reply.statusCode, files }))
            write('null', () => process.exit())
          })`,
        environment,
      )
    const loaded = () => JSON.parse(readFileSync(join(folder, 'loaded.json'), 'utf8'))
    filesAfter({
      TENCENTCLOUD_RUNENV: 'SCF',
      TENCENTCLOUD_REGION: 'ap-guangzhou',
      TENCENTCLOUD_SECRETID: 'a',
      TENCENTCLOUD_SECRETKEY: 'b',
      TENCENT_SSM_ENDPOINT: 'http://127.0.0.1:1',
    })
    expect(loaded()).toEqual({ status: 503, files: ['index.js', 'tencent-signature.js'] })
    filesAfter({
      AWS_LAMBDA_FUNCTION_NAME: 'unpush-prod-status',
      AWS_REGION: 'ap-southeast-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1',
    })
    expect(loaded()).toEqual({ status: 503, files: ['index.js'] })
  })
  it('are one for each function of the table', () => {
    expect([...made.keys()]).toEqual(names)
  })
  it('are the same bytes every time and in every time zone', async () => {
    const zone = process.env['TZ']
    try {
      process.env['TZ'] = 'Pacific/Kiritimati'
      const again = await Promise.all(names.map(name => bundleFunction(name)))
      expect(again.filter(({ name, zip }) => !Buffer.from(zip).equals(Buffer.from(bundleOf(name).zip)))).toEqual([])
    } finally {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    }
  })
  it.each([
    ['SCF Function URL', 'scf-function-url.json'],
    ['AWS HTTP API', 'aws-http-api.json'],
    ['AWS REST API', 'aws-rest-api.json'],
  ])('answer a recorded event of %s, whose path is another function’s, with a problem', async (_name, sample) => {
    const text = await readFile(new URL(`../platform/samples/${sample}`, import.meta.url), 'utf8')
    const reply = runBeside(`
      const context = { getRemainingTimeInMillis: () => 9000, request_id: '1', awsRequestId: '1' }
      require('./status/index.js').main_handler(${text}, context)
        .then(reply => process.stdout.write(JSON.stringify(reply), () => process.exit()))`)
    expect(reply).toMatchObject({ statusCode: 404, isBase64Encoded: false })
    expect(JSON.parse((reply as { body: string }).body)).toMatchObject({ status: 404 })
  })
  it('answer that they are alive without a ledger or secrets', () => {
    const event = JSON.stringify({ httpMethod: 'GET', path: '/livez', headers: {}, queryString: {}, body: '' })
    const reply = runBeside(`
      require('./dashboard/index.js').main_handler(${event}, { getRemainingTimeInMillis: () => 9000, request_id: '1' })
        .then(reply => process.stdout.write(JSON.stringify(reply), () => process.exit()))`)
    expect(reply).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' })
  })
  it('describe the API, from the document that lies beside', () => {
    const reply = runBeside(`
      const event = path => ({ httpMethod: 'GET', path, headers: {}, queryString: {}, body: '' })
      const { main_handler: handler } = require('./dashboard/index.js')
      const context = { getRemainingTimeInMillis: () => 9000, request_id: '1' }
      Promise.all(['/openapi.json', '/docs'].map(path => handler(event(path), context))).then(replies =>
        process.stdout.write(JSON.stringify(replies.map(({ statusCode }) => statusCode)), () => process.exit()))`)
    expect(reply).toEqual([200, 200])
  })
  it('say in words that an embedded ledger is not for them', () => {
    const output = execFileSync(
      process.execPath,
      [
        '-e',
        "require('./sweep/index.js').main_handler({ Type: 'Timer' }, { request_id: '1' }).catch(error => console.log(error.message))",
      ],
      { cwd: folder, encoding: 'utf8', env: { LEDGER_URL: 'pglite:memory' } },
    )
    expect(output).toContain('pglite: is for one machine only')
  })
})

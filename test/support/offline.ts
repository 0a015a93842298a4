/**
 * The packaged functions behind serverless-offline, a gateway that nobody here wrote: each in a thread of its own, out of
 * its zip, with the credentials of its own role, which may read what the packaged template lets it read.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { functions } from '../../shared/functions.ts'
import { type SecretManager, startSecretsManager } from './cloud/secret-managers.ts'
import { serverlessFolder } from './serverless-cli.ts'
import { freePort } from '../../sandbox/free-port.ts'

export interface Offline {
  readonly url: string
  readonly manager: SecretManager
  /** What each function asked the secrets manager for. */
  readonly asked: Map<string, Set<string>>
  /** What its role did not let a function read. */
  readonly denied: string[]
  /** All that serverless-offline and the functions wrote. */
  output(): string
  close(): Promise<void>
}

const startMs = 240_000
const cli = fileURLToPath(new URL('../../node_modules/serverless/bin/serverless.js', import.meta.url))

/** Without timers, so that only what the functions do themselves happens. */
const configuration = (variables: object) => `import base from './serverless.aws.ts'
const variables: { [name: string]: object } = ${JSON.stringify(variables)}
const functions = Object.fromEntries(
  Object.entries(base.functions ?? {}).map(([name, entry]) => [
    name,
    { ...entry, events: entry.events?.filter(event => !('schedule' in event)), environment: variables[name] },
  ]),
)
export default { ...base, functions }
`

export async function startOffline(secrets: (url: string) => { readonly [name: string]: unknown }): Promise<Offline> {
  const files = await serverlessFolder('', { loopback: true })
  const packaged = await files.run(['package', '-c', 'serverless.aws.ts'])
  if (packaged.code !== 0) throw new Error(packaged.output)
  const allowed = await patternsByFunction(join(files.folder, '.serverless/cloudformation-template-update-stack.json'))

  const names = Object.keys(functions)
  const roles = new Map(names.map(name => [`AKIA${randomBytes(8).toString('hex')}`, name]))
  const keys = new Map(names.map(name => [name, randomBytes(20).toString('base64')]))
  const asked = new Map(names.map(name => [name, new Set<string>()]))
  const denied: string[] = []
  const manager: SecretManager = await startSecretsManager({
    keyring: Object.fromEntries(
      [...roles].map(([id, name]) => [id, { key: keys.get(name) ?? '', token: `of-${name}` }]),
    ),
    may: (id, secret) => {
      const name = roles.get(id) ?? ''
      asked.get(name)?.add(secret)
      const written = manager.secrets.has(secret) ? `${secret}-AbCdEf` : secret
      const may = allowed.get(name)?.some(pattern => pattern.test(written)) ?? false
      if (!may) denied.push(`${name}: ${secret}`)
      return may
    },
  })
  const [httpPort, lambdaPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${httpPort}`
  for (const [name, document] of Object.entries(secrets(url))) manager.secrets.set(name, JSON.stringify(document))
  const variables = Object.fromEntries(
    [...roles].map(([id, name]) => [
      name,
      {
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: keys.get(name),
        AWS_SESSION_TOKEN: `of-${name}`,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.origin,
        AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${lambdaPort}`,
      },
    ]),
  )
  await writeFile(join(files.folder, 'serverless.offline.ts'), configuration(variables))
  const ports = ['--host', '127.0.0.1', '--httpPort', String(httpPort), '--lambdaPort', String(lambdaPort)]
  const child = spawn(
    process.execPath,
    [cli, 'offline', '-c', 'serverless.offline.ts', ...ports, '--noPrependStageInUrl', '--noTimeout', '--noSponsor'],
    // with the TMPDIR and the mark of the run, so that what it leaves behind is found
    { cwd: files.folder, env: { ...process.env, HOME: files.folder, NODE_OPTIONS: '--require ./no-network.cjs' } },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const close = async () => {
    await ended(child)
    await Promise.all([manager.close(), files.close()])
  }
  try {
    await untilAnswering(`${url}/livez`, child, () => output)
  } catch (error) {
    await close()
    throw error
  }
  return { url, manager, asked, denied, output: () => output, close }
}

/** The ends of the ARNs that each function's role lets it read, as patterns. */
async function patternsByFunction(file: string): Promise<Map<string, RegExp[]>> {
  interface Statement {
    readonly Action: readonly string[]
    readonly Resource: readonly { readonly 'Fn::Sub': string }[]
  }
  const { Resources: resources } = JSON.parse(await readFile(file, 'utf8'))
  return new Map(
    Object.keys(functions).map(name => {
      const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`
      const role = resources[id].Properties.Role['Fn::GetAtt'][0]
      const statements: Statement[] = resources[role].Properties.Policies[0].PolicyDocument.Statement
      const arns = statements
        .filter(({ Action: actions }) => actions.includes('secretsmanager:GetSecretValue'))
        .flatMap(({ Resource: list }) => list.map(entry => entry['Fn::Sub'].split(':secret:')[1] ?? ''))
      return [name, arns.map(arn => new RegExp(`^${arn.replaceAll('*', '.*').replaceAll('?', '.')}$`))]
    }),
  )
}

async function untilAnswering(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (const until = Date.now() + startMs; ; await new Promise(resolve => setTimeout(resolve, 100))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`serverless-offline did not start:\n${output()}`)
    const reply = await fetch(url).catch(() => null)
    const text = await reply?.text()
    if (text === '{"status":"ok"}') return
    if (text !== undefined) throw new Error(text)
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(timer)
}

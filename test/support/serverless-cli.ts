/** The Serverless CLI on this project, from a folder of its own, in a Node that can reach no other machine. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Ends a process that asks for a name or another machine; a socket in the file system, which tsx uses, it lets pass. */
const noNetwork = (loopback: boolean) => `
const refuse = what => { console.error('NETWORK ' + what); process.exit(99) }
const dns = require('dns')
const { lookup } = dns
dns.lookup = (...given) => (${loopback} && given[0] === '127.0.0.1' ? lookup(...given) : refuse(given[0]))
const { Socket } = require('net')
const { connect } = Socket.prototype
Socket.prototype.connect = function (...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0]
  const near = ${loopback} && (typeof options === 'number' ? given[1] : options?.host) === '127.0.0.1'
  if (!near && (typeof options === 'number' || options?.port !== undefined)) refuse(JSON.stringify(options))
  return connect.apply(this, given)
}`

export interface Finished {
  readonly code: number
  readonly output: string
}

export interface ServerlessFolder {
  readonly folder: string
  run(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Finished>
  close(): Promise<void>
}

/** `loopback`: what listens on this machine may be reached. */
export async function serverlessFolder(yaml: string, { loopback = false } = {}): Promise<ServerlessFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-serverless-'))
  for (const name of ['node_modules', 'deploy', 'shared', 'package.json', 'serverless.aws.ts']) {
    await symlink(join(root, name), join(folder, name))
  }
  await writeFile(join(folder, 'no-network.cjs'), noNetwork(loopback))
  await writeFile(join(folder, 'serverless.yml'), yaml)
  const cli = join(root, 'node_modules/serverless/bin/serverless.js')
  return {
    folder,
    run: (words, environment = {}) =>
      new Promise(resolve => {
        const whole = {
          PATH: process.env['PATH'],
          HOME: folder,
          NODE_OPTIONS: '--require ./no-network.cjs',
          ...environment,
        }
        execFile(process.execPath, [cli, ...words], { cwd: folder, env: whole }, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
        })
      }),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Child processes of the benchmark: started, listened to, measured, ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleFunction, unpack } from '../deploy/bundle.ts'
import type { FunctionName } from '../shared/functions.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

export interface Child {
  readonly pid: number
  /** The first capture of the pattern it was started with. */
  readonly said: string
  end(): Promise<void>
}

/** Starts a TypeScript file of the project and resolves once its output matches. */
export async function startChild(
  file: string,
  pattern: RegExp,
  environment: { readonly [name: string]: string } = {},
  parameters: readonly string[] = [],
): Promise<Child> {
  return startNode(['--import', 'tsx', file, ...parameters], pattern, environment)
}

/** Functions as they are deployed, in one process: no compiler, no sandbox, no gateway. `said` is the port. */
export async function startFunctions(
  paths: { readonly [name in FunctionName]?: string },
  folder: string,
  environment: { readonly [name: string]: string },
): Promise<Child> {
  const host = join(folder, 'host.cjs')
  await build({
    entryPoints: [join(root, 'bench/host.ts')],
    outfile: host,
    bundle: true,
    platform: 'node',
    format: 'cjs',
  })
  for (const name of Object.keys(paths) as FunctionName[]) await unpack(await bundleFunction(name), join(folder, name))
  const named = Object.entries(paths).map(([name, prefix]) => `${name}=${prefix}`)
  return startNode([host, folder, ...named], /hosted on (\d+)/, environment)
}

async function startNode(
  parameters: readonly string[],
  pattern: RegExp,
  environment: { readonly [name: string]: string },
): Promise<Child> {
  const child: ChildProcess = spawn(process.execPath, parameters, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const said = await new Promise<string>((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const found = pattern.exec(output)?.[1]
      if (found === undefined) return
      // its log is let through unread: reading it would take from the processor that is measured
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', read).resume()
      resolve(found)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', code => reject(new Error(`${parameters.join(' ')} ended with ${code}: ${output.slice(-2000)}`)))
  })
  return {
    pid: child.pid ?? 0,
    said,
    end: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Resident set in MB, now. Linux only; null elsewhere. */
export async function residentMb(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) / 1024
}

/** The largest resident set seen while `work` runs, in MB. */
export async function peakMb<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; peak: number | null }> {
  let peak: number | null = null
  const look = async () => {
    const now = await residentMb(pid)
    if (now !== null) peak = Math.max(peak ?? 0, now)
  }
  const timer = setInterval(() => void look(), 20)
  try {
    return { result: await work(), peak }
  } finally {
    clearInterval(timer)
    await look()
  }
}

/** `npm start`: gateway, ledger, sandbox vendors with their phones, timers; one process, nothing else to install. */
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { buildCli } from '../cli/build.ts'
import { packConsole } from '../dashboard/console-build.ts'
import { ConfigError, readConfig } from '../shared/config.ts'
import { FolderLocked } from '../shared/ledger/folder-lock.ts'
import { LedgerMismatch } from '../shared/ledger/migrate.ts'
import { whyUnreachable } from '../shared/ledger/unreachable.ts'
import { createLog, gathered, type Log } from '../shared/log.ts'
import { redacted } from '../shared/redaction.ts'
import { provideSandboxSecrets } from '../shared/secrets/sandbox.ts'
import { createDemoKeys, demoAccess, type DemoKeys, demoRoles, seedCampaigns, type Seeded } from './demo.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { createSignInCode } from './sign-in-code.ts'
import { sandboxOidc } from './issuer.ts'
import { packSnapshot } from './ledger-snapshot.ts'
import { createSandbox } from './sandbox.ts'
import { secretFaults } from './secret-faults.ts'

/** What survives a restart beside the ledger: the phones, what they show, and the demo keys. */
interface Kept {
  readonly keys: DemoKeys
  readonly content: string
  /** How many messages carry it. */
  readonly messages: number
  readonly world: unknown
}

const keepMs = 300

/** What is kept here are push tokens and keys: they are for whoever runs this, and for nobody else on the machine. */
async function keepPrivate(folder: string, files: readonly string[]): Promise<void> {
  process.umask(0o077)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // an older version made them for everybody
  if (basename(resolve(folder)) === '.unpush') await chmod(folder, 0o700)
  for (const file of files) {
    const found = await stat(file).catch(() => null)
    if (found !== null) await chmod(file, found.isDirectory() ? 0o700 : 0o600)
  }
}

async function main(): Promise<void> {
  const config = readConfig()
  const folder =
    config.ledgerUrl?.startsWith('pglite:') === true && config.ledgerUrl !== 'pglite:memory'
      ? dirname(config.ledgerUrl.slice('pglite:'.length))
      : null
  const [ledgerFolder, logFile, worldFile] =
    folder === null
      ? [null, null, null]
      : [config.ledgerUrl?.slice('pglite:'.length) ?? '', join(folder, 'unpush.log'), join(folder, 'sandbox.json')]
  if (folder !== null)
    await keepPrivate(
      folder,
      [ledgerFolder, logFile, worldFile].filter(path => path !== null),
    )
  const log = createLog({
    version: config.version,
    stream: gathered(logFile === null ? process.stderr : createWriteStream(logFile, { flags: 'a', mode: 0o600 })),
  })

  const demo = config.secrets.kind === 'sandbox'
  const kept = demo && worldFile !== null ? await readKept(worldFile) : null
  const keys = kept?.keys ?? createDemoKeys()
  let origin = ''
  let messages = kept?.messages ?? 0
  const campaigns = async (): Promise<Seeded> => {
    // its digits name the round
    const round = new Date().toISOString().replace(/\D/g, '').slice(2)
    const seeded = await seedCampaigns(sandbox, origin, keys.sender, round)
    messages = seeded.messages
    return seeded
  }
  const sandbox = createSandbox({ snapshot: kept?.world, ...(demo && { campaigns }) })
  sandbox.content = kept?.content ?? null
  if (demo)
    provideSandboxSecrets(() => ({
      ...sandbox.secrets(origin),
      'unpush/access': { ...demoAccess(keys), oidc: sandboxOidc(origin) },
    }))

  await sandbox.listen()
  await packConsole()
  const signIn = createSignInCode(keys.operator)
  console.log('unpush is starting (the first start prepares the ledger and takes a few seconds) …')
  // sources may be newer than what was built when the packages were installed
  const commandLine = buildCli().catch((error: unknown) => log.error('the command line could not be built', { error }))
  const gateway = await startGateway({
    config,
    log,
    snapshot: await packSnapshot(),
    ...(demo ? { redeem: signIn.redeem } : {}),
    aside: (request, response) => sandbox.handle(request, response),
    onListening: url => (origin = url),
  })

  let saved: Promise<void> = Promise.resolve()
  const save = (): Promise<void> => {
    saved = saved.then(() => {
      if (worldFile === null || !demo || sandbox.content === null) return undefined
      return writeWhole(worldFile, { keys, content: sandbox.content, messages, world: sandbox.snapshot() })
    })
    return saved
  }
  let planned: NodeJS.Timeout | null = null
  const saveSoon = (): void => {
    planned ??= setTimeout(() => {
      planned = null
      void save().catch((error: unknown) => log.error('the phones could not be kept', { error }))
    }, keepMs).unref()
  }
  sandbox.onChange(saveSoon)

  let ending = false
  const end = async (): Promise<void> => {
    if (ending) return
    ending = true
    sandbox.close()
    await Promise.all([gateway.close(), save()])
    process.exit(0)
  }
  process.on('SIGINT', () => void end())
  process.on('SIGTERM', () => void end())

  if (demo) {
    if (sandbox.content === null || (await wasRecalled(gateway.url, keys.viewer, sandbox.content, messages))) {
      sandbox.content = (await campaigns()).content
      await save()
    }
    await commandLine
    greet({
      origin: gateway.url,
      basePath: config.basePath,
      code: signIn.code,
      keys,
      content: sandbox.content,
      messages,
      logFile,
    })
  }
  if (!demo) await tellFaults(gateway, log)
  console.log(`unpush ready on ${gateway.url}`)
}

/** Who starts it reads the terminal: there too stands what of the documents cannot be used. */
async function tellFaults({ runtime }: Gateway, log: Log): Promise<void> {
  try {
    for (const fault of await secretFaults(runtime)) {
      log.error(fault)
      console.log(`  ! ${fault}`)
    }
  } catch (error) {
    log.error('the documents could not all be looked at', { error })
  }
}

/** True once the demo campaigns were taken back: a new start then sends new ones. */
async function wasRecalled(url: string, key: string, content: string, messages: number): Promise<boolean> {
  const reply = await fetch(`${url}/v1/messages?content=${encodeURIComponent(content)}&state=live`, {
    headers: { authorization: `Bearer ${key}` },
  })
  const { items } = (await reply.json()) as { items: unknown[] }
  return items.length < messages
}

interface Greeting {
  readonly origin: string
  readonly basePath: string
  /** Signs a browser in, once. */
  readonly code: string
  readonly keys: DemoKeys
  readonly content: string
  readonly messages: number
  readonly logFile: string | null
}

function greet({ origin, basePath, code, keys, content, messages, logFile }: Greeting): void {
  const url = `${origin}${basePath}`
  const lines = [
    '',
    `  the console      ${url}/#/sign-in/${code}`,
    '                   opens signed in, once; a wrong push is there to be taken back',
    `  the phones       ${origin}/_sandbox`,
    `  API reference    ${url}/docs`,
    ...(logFile === null ? [] : [`  log              ${logFile}`]),
    '',
    ...demoRoles.map(role => `  ${role.padEnd(9)} key    ${keys[role]}`),
    '',
    `${messages} campaigns with a wrong link have just gone out. Take them back, by command or by request:`,
    '',
    `UNPUSH_URL=${url} UNPUSH_KEY=${keys.operator} npx unpush revoke --content ${content} --reason "wrong link" --wait --yes`,
    '',
    `curl -sS -X POST ${url}/v1/revoke -H 'Authorization: Bearer ${keys.operator}' -H 'Content-Type: application/json' -H 'Prefer: wait=10' -d '{"content":"${content}","reason":"wrong link"}'`,
    '',
  ]
  console.log(lines.join('\n'))
}

/** Renamed into place: whoever reads it finds a whole file, whenever this process dies. */
async function writeWhole(path: string, kept: Kept): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(kept), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

async function readKept(path: string): Promise<Kept | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    const kept: Kept = JSON.parse(text)
    return demoRoles.every(role => typeof kept.keys[role] === 'string') && typeof kept.content === 'string'
      ? {
          ...kept, // an older version did not count them: as if they were taken back
          messages: kept.messages ?? Number.MAX_SAFE_INTEGER,
        }
      : null
  } catch {
    // half a file cannot be, since it is renamed into place; another version's can
    return null
  }
}

/** One line for whoever started it. */
function startFailure(error: unknown): string {
  if (error instanceof ConfigError || error instanceof FolderLocked || error instanceof LedgerMismatch)
    return error.message
  const { code, port } = (error ?? {}) as { code?: unknown; port?: unknown }
  if (code === 'EADDRINUSE') return `Port ${String(port)} is in use: set PORT to another one (PORT=0 takes any).`
  const unreachable = whyUnreachable(error)
  if (unreachable !== null) return `${unreachable.message} It is the one of LEDGER_URL.`
  const [message = ''] = error instanceof Error ? error.message.split('\n') : []
  return `Unpush did not start: ${redacted(message) || 'no reason was given'}`
}

main().catch((error: unknown) => {
  console.error(startFailure(error))
  process.exit(1)
})

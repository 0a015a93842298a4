/** `npm run sign -- <source> …`: a validly signed moderation delivery, to be pasted or sent, without the vendor. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Said, type SignedDelivery, type Signer, type SignerSecret, signers, urlOf } from './signers.ts'

const usage = `npm run sign -- <source> --endpoint <id> --content <content id> [options]

  --verdict block|review|pass   default block
  --label <word>                why
  --secrets <file>              the file of SECRETS=file:<path>: its unpush/webhooks/<endpoint> signs
  --secret <member>=<value>     instead of it, once for each member; =@<file> reads a file (what stands here, others
                                on this machine can see)
  --body <file>                 the signed text, instead of one made from content and verdict
  --url <origin>                default http://127.0.0.1:8787
  --send                        sends it, and prints the answer; without it a curl line is printed

Sources: ${Object.keys(signers).join(', ')}`

/** What is wrong with the command, in words for who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Resolves with what is to be printed. Rejects with `UsageError`. */
export async function sign(words: readonly string[]): Promise<string> {
  const { source, options } = read(words)
  const signer = signers[source]
  if (signer === undefined) throw new UsageError(`There is no source ${JSON.stringify(source)}.\n\n${usage}`)
  const { endpoint } = options
  if (endpoint === undefined) throw new UsageError('Say --endpoint <id>: the end of unpush/webhooks/<id>.')
  const secret = await readSecret(signer, options.secret ?? [], options.secrets, endpoint)
  const text = options.body === undefined ? signer.write(saidOf(options)) : await readText(options.body)
  const delivery = signer.sign(text, secret)
  const url = urlOf(
    `${new URL(options.url ?? 'http://127.0.0.1:8787').href.replace(/\/$/, '')}/v1/webhooks/${endpoint}`,
    delivery,
  )
  return options.send === true ? send(url, delivery) : curlOf(url, delivery)
}

function read(words: readonly string[]) {
  try {
    const { positionals, values } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        endpoint: { type: 'string' },
        content: { type: 'string' },
        verdict: { type: 'string' },
        label: { type: 'string' },
        secrets: { type: 'string' },
        secret: { type: 'string', multiple: true },
        body: { type: 'string' },
        url: { type: 'string' },
        send: { type: 'boolean' },
      },
    })
    const [source, ...more] = positionals
    if (source !== undefined && more.length === 0) return { source, options: values }
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : 'The options are not valid.'}\n\n${usage}`)
  }
  throw new UsageError(usage)
}

function saidOf(options: {
  content?: string | undefined
  verdict?: string | undefined
  label?: string | undefined
}): Said {
  const { content, verdict = 'block', label } = options
  if (content === undefined) throw new UsageError('Say --content <content id>, or --body <file>.')
  if (verdict !== 'block' && verdict !== 'review' && verdict !== 'pass') {
    throw new UsageError('--verdict must be block, review or pass.')
  }
  return { content, verdict, ...(label === undefined ? {} : { label }) }
}

async function readSecret(
  signer: Signer,
  given: readonly string[],
  file: string | undefined,
  endpoint: string,
): Promise<SignerSecret> {
  const filed = file === undefined ? {} : await readFiled(signer, file, endpoint)
  const named = await Promise.all(
    given.map(async pair => {
      const [name = '', ...rest] = pair.split('=')
      const value = rest.join('=')
      return [name, value.startsWith('@') ? await readText(value.slice(1)) : value] as const
    }),
  )
  const secret: SignerSecret = { ...filed, ...Object.fromEntries(named) }
  const missing = signer.members.filter(member => secret[member] === undefined)
  if (missing.length > 0) {
    throw new UsageError(
      `Without ${missing.join(' and ')} there is no signing: --secret ${missing[0]}=…, or --secrets <file>.`,
    )
  }
  return secret
}

/** Of a list, as there is one during rotation, the first. */
async function readFiled(signer: Signer, file: string, endpoint: string): Promise<SignerSecret> {
  const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)
  const name = `unpush/webhooks/${endpoint}`
  const documents = parse(await readText(file))
  const document = documents?.[name]
  if (typeof document !== 'object' || document === null) throw new UsageError(`${file} has no ${name}.`)
  const secret = first('secret' in document ? document.secret : {})
  const members = typeof secret === 'string' ? { [signer.members[0] ?? '']: secret } : secret
  return Object.fromEntries(Object.entries(members ?? {}).map(([member, value]) => [member, String(first(value))]))
}

function parse(text: string): { readonly [name: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => {
    throw new UsageError(`The file ${path} cannot be read.`)
  })
}

async function send(url: string, { headers, body }: SignedDelivery): Promise<string> {
  const reply = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) }).catch(() => {
    throw new UsageError(`Nothing answers at ${new URL(url).origin}.`)
  })
  return `${reply.status} ${await reply.text()}`
}

/** One line for a terminal. */
export function curlOf(url: string, { headers, body }: SignedDelivery): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const sent = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)
  return ['curl -sS -X POST', ...sent, '--data-binary', quoted(body.toString()), quoted(url)].join(' ')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await sign(process.argv.slice(2)))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

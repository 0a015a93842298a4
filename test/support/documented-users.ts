/** A ledger and its users as docs/deploy.*.md set them up: the owner migrates, the functions may only do what they are granted. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { migrate } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'

export const deployDocuments = ['deploy.tencent.md', 'deploy.tencent.zh-CN.md', 'deploy.aws.md']

/** The statements of a document, without their comments. */
export function statementsOf(name: string): string {
  const text = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
  return (/```sql\n([^`]+)```/.exec(text)?.[1] ?? '').replaceAll(/--.*$/gm, '').trim()
}

export interface DocumentedUsers {
  readonly owner: Ledger
  /** The functions' own user, `unpush_app`. */
  readonly app: Ledger
  /** One more connection of a user, by the end of its name: `app`, `public`, `workers`, `owner`. */
  open(user: string): Promise<Ledger>
  close(): Promise<void>
}

/** Roles and database with names of their own, on the server whose address is given; migrated. */
export async function openDocumentedUsers(server: string): Promise<DocumentedUsers> {
  const mark = randomBytes(4).toString('hex')
  const statements = statementsOf('deploy.aws.md')
    .replaceAll("password '…'", `password 'p${mark}'`)
    .replaceAll(/\bunpush(?=[ _;]|$)/g, `u${mark}`)
  const roles = [...statements.matchAll(/create role (\w+)/g)].flatMap(([, role]) => role ?? [])
  const root = await openLedger(server, { connections: 1 })
  // one by one: a database is not made inside of a transaction
  for (const statement of statements.split(';').filter(text => text.trim() !== '')) await root.query(statement)
  const opened: Ledger[] = []
  const open = async (user: string): Promise<Ledger> => {
    const address = new URL(server)
    address.username = `u${mark}_${user}`
    address.password = `p${mark}`
    address.pathname = `/u${mark}`
    const ledger = await openLedger(address.href, { connections: 2 })
    opened.push(ledger)
    return ledger
  }
  const owner = await open('owner')
  await migrate(owner)
  return {
    owner,
    app: await open('app'),
    open,
    close: async () => {
      await Promise.all(opened.map(ledger => ledger.close()))
      await root.query(`drop database u${mark} with (force)`)
      for (const role of roles) await root.query(`drop role ${role}`)
      await root.close()
    },
  }
}

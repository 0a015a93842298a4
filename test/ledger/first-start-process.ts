/** The first start of an embedded ledger, up to its first statement. Its folder and its snapshot come as arguments. */
import { migrate } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'

const [, , folder = '', snapshot = ''] = process.argv

async function main(): Promise<void> {
  process.send?.('begins')
  const ledger = await openLedger(`pglite:${folder}`, snapshot === '' ? {} : { snapshot })
  await migrate(ledger)
  await ledger.query('select count(*) from recall')
  process.send?.('ready')
  // until it is killed
  setInterval(() => {}, 1000)
}

void main()

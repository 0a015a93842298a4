/** The deliveries of a run of `sweep`. How they are made is loaded where there is anybody to tell. */
import { anyDeliveries } from '../ledger/left-to-do.ts'
import { subscribersSchema } from '../secrets/documents.ts'
import type { DeliveryContext } from './deliver.ts'

export interface Deliveries {
  /** No more is coming from this run: resolves when what is due is tried. Never rejects. */
  finish(): Promise<void>
}

export function startDeliveries(context: DeliveryContext): Deliveries {
  let end = () => {}
  const over = new Promise<void>(resolve => (end = resolve))
  const work = run(context, over).catch((error: unknown) => {
    // recalls do not wait for what tells of them
    context.log.error('deliveries could not be made', { error })
  })
  return {
    finish: () => {
      end()
      return work
    },
  }
}

async function run(context: DeliveryContext, over: Promise<void>): Promise<void> {
  const listed = (await context.secrets.read('unpush/subscribers', subscribersSchema()))?.subscribers ?? []
  // what the ledger still has is kept in step with the list
  if (listed.length === 0 && !(await anyDeliveries(context.ledger))) return
  const { deliver } = await import('./deliver.ts')
  await deliver(context, over)
}

/** Where a message went, and what the vendor itself says of it. */
import { useState } from 'preact/hooks'
import { thingWords } from '../../words/terms.ts'
import type { Message, MessageTarget } from '../answers.ts'
import { type ProblemView, call } from '../api.ts'
import { askedBy, handleOf } from '../handles.ts'
import { titled, w } from '../language.ts'
import { providerName, statusWord } from '../names.ts'
import { exact, whole } from '../numbers.ts'
import { reachIn, reachOfMessage } from '../reach.ts'
import { ChannelFigures } from './channel-figures.tsx'
import { basisWord } from './devices.tsx'
import { ProblemNotice } from './notice.tsx'
import { At, Id } from './text.tsx'

export function Targets({ targets }: { readonly targets: readonly MessageTarget[] }) {
  return (
    <section class="card table-box">
      <table class="rows plain">
        <thead>
          <tr>
            <th>{w('targets')}</th>
            <th>{w('vendorsId')}</th>
            <th>{titled(thingWords.audience)}</th>
            <th class="number">{w('devices')}</th>
            <th>{w('vendorsStatus')}</th>
          </tr>
        </thead>
        <tbody>
          {targets.map(target => {
            const handle = handleOf(target)
            const reach = reachIn(target) ?? reachOfMessage({ targets: [target] } as unknown as Message)
            return (
              <tr key={`${target.app} ${handle?.value}`}>
                <td>
                  <b>{target.app}</b> <span class="soft">{providerName(target.provider)}</span>
                </td>
                <td>{handle === null ? '–' : <Id id={`${handle.member} ${handle.value}`} />}</td>
                <td>
                  {target.audience ?? (target.devices === undefined ? '–' : w('tokens', { n: exact(target.devices) }))}
                </td>
                <td class="number">
                  {target.devices === null ? w('beingCounted') : whole(reach)}
                  <span class="second">{reach.basis === 'exact' ? '' : basisWord(reach.basis)}</span>
                  <ChannelFigures provider={target.provider} channels={target.channels} />
                </td>
                <td>
                  <VendorStatus target={target} />
                </td>
              </tr>
            )
          })}
          {targets.length === 0 ? (
            <tr>
              <td colSpan={5} class="soft">
                {w('noTarget')}
              </td>
            </tr>
          ) : null}
        </tbody>
      </table>
    </section>
  )
}

interface StatusNow {
  readonly status: string | null
  readonly asOf: string
}

/** From the stored record where the API has it; asking the vendor costs one of its few queries, so that is a button. */
function VendorStatus({ target }: { readonly target: MessageTarget }) {
  const { record } = target as { readonly record?: StatusNow | null }
  const [read, setRead] = useState<StatusNow | null>(null)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const by = askedBy(target)
  if (by === null) return <span class="soft">{w('noStatusCall')}</span>
  const known = read ?? record ?? null
  const ask = async () => {
    const answer = await call<StatusNow>(
      'GET',
      `/v1/status?app=${encodeURIComponent(target.app)}&${by.member}=${encodeURIComponent(by.value)}`,
    )
    if (answer.kind === 'ok') setRead(answer.body)
    setProblem(answer.kind === 'problem' ? answer.problem : null)
  }
  return (
    <>
      {known === null ? null : (
        <span>
          {statusWord(known.status)}{' '}
          <span class="soft">
            {w('says', { vendor: providerName(target.provider) })} <At at={known.asOf} seconds={false} />
          </span>{' '}
        </span>
      )}
      <button type="button" class="link" onClick={() => void ask()} title={w('costsQuery')}>
        {known === null ? w('askVendor') : w('askAgain')}
      </button>
      {problem === null ? null : <ProblemNotice problem={problem} />}
    </>
  )
}

/** What was asked of each vendor, and what it answered. */
import { deviceWords, thingWords, withoutCounts } from '../../words/terms.ts'
import { staying } from '../about-recall.ts'
import type { Recall, RecallTarget } from '../answers.ts'
import { handleOf } from '../handles.ts'
import { listed, say, titled, w } from '../language.ts'
import { providerName, statusWord } from '../names.ts'
import { exact } from '../numbers.ts'
import { sentencesOf } from '../sentences.ts'
import { ChannelFigures } from './channel-figures.tsx'
import { EffectMark, State, operationText } from './status.tsx'
import { Id, Said } from './text.tsx'
import { Warnings } from './warnings.tsx'

export function Targets({ recall }: { readonly recall: Recall }) {
  const stays = staying(recall)
  return (
    <section class="card table-box">
      <table class="rows recall-targets">
        <thead>
          <tr>
            <th>{titled(thingWords.target)}</th>
            <th>{w('askedDone')}</th>
            <th class="number">{w('acceptedColumn')}</th>
            <th class="number">{say(deviceWords.rejected)}</th>
            <th class="number">{w('unknownColumn')}</th>
            <th class="number">{say(deviceWords.pending)}</th>
            <th>{w('vendorsAnswer')}</th>
          </tr>
        </thead>
        <tbody>
          {recall.targets.map(target => (
            <TargetRow
              key={`${target.app} ${handleOf(target)?.value}`}
              target={target}
              without={say(withoutCounts(recall))}
            />
          ))}
          {recall.moreTargets > 0 ? (
            <tr>
              <td colSpan={7} class="soft">
                {w('moreTargets', { n: exact(recall.moreTargets) })}
              </td>
            </tr>
          ) : null}
          {recall.targets.length === 0 ? (
            <tr>
              <td colSpan={7} class="soft">
                {w('noTargetYet')}
              </td>
            </tr>
          ) : null}
        </tbody>
        {stays.length === 0 ? null : (
          <tfoot>
            <tr>
              <td colSpan={7}>
                <EffectMark effect="none" /> <span class="soft">{listed(stays)}</span>
              </td>
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  )
}

function TargetRow({ target, without }: { readonly target: RecallTarget; readonly without: string }) {
  const { devices, vendor, rejected } = target
  const warnings = sentencesOf(target.warnings, target.notices)
  const handle = handleOf(target)
  return (
    <>
      <tr>
        <td>
          <b>{target.app}</b>
          <span class="second">
            {providerName(target.provider)} {handle === null ? null : <Id id={handle.value} />}
          </span>
        </td>
        <td>
          {operationText(target.requested, target.operation)}
          <span class="second">
            <State state={target.state} />
          </span>
        </td>
        {devices === null ? (
          <td class="soft no-counts" colSpan={4}>
            {without}
            <ChannelFigures provider={target.provider} channels={target.channels} />
          </td>
        ) : (
          (['accepted', 'rejected', 'unknown', 'pending'] as const).map(part => (
            <td key={part} class="number" data-name={say(deviceWords[part])}>
              {exact(devices[part])}
            </td>
          ))
        )}
        <td>
          {vendor === null ? (
            <span class="soft">{w('notAskedYet')}</span>
          ) : (
            <>
              {vendor.status === null ? null : <span>{statusWord(vendor.status)} </span>}
              {vendor.code === null ? null : <Id id={vendor.code} />}{' '}
              {vendor.requestId === null ? null : (
                <span class="soft">
                  req <Id id={vendor.requestId} />
                </span>
              )}
              {vendor.message === null ? null : (
                <span class="second">
                  <Said text={vendor.message} />
                </span>
              )}
            </>
          )}
          {rejected.map(({ reason, count }) => (
            <span key={reason} class="second">
              {exact(count)} × <Said text={reason} />
            </span>
          ))}
        </td>
      </tr>
      {warnings.length === 0 ? null : (
        <tr class="warnings-row">
          <td colSpan={7}>
            <Warnings texts={warnings} />
          </td>
        </tr>
      )}
    </>
  )
}

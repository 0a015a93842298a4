/** While a recall waits for another person: a stop that goes ahead of it, where the vendor lets the asked operation follow. */
import { operationTitles, thingWords } from '../../words/terms.ts'
import type { RecallPart } from '../about-recall.ts'
import type { Recall } from '../answers.ts'
import { call } from '../api.ts'
import { language, named, say, w } from '../language.ts'
import { closeTo, linkOf, openOver } from '../router.ts'
import { ActDialog } from './act-dialog.tsx'
import { OffWith, whyNot } from './controls.tsx'
import { Notice } from './notice.tsx'
import { Id } from './text.tsx'

export function StopMeanwhile({ recall, reread, dialog }: RecallPart) {
  const { meanwhile } = recall
  if (meanwhile === null || meanwhile === undefined) return null
  const home = linkOf(['recalls', recall.id])
  const title = named(operationTitles, recall.operation)
  const operation = language.value === 'zh' ? title : title.toLowerCase()
  if (meanwhile.recall !== null)
    return (
      <Notice icon="stop">
        <b>{say(thingWords.stopMeanwhile)}</b>{' '}
        <a href={linkOf(['recalls', meanwhile.recall])}>
          <Id id={meanwhile.recall} />
        </a>
        <p class="soft">{w('stopNowRestWaits', { operation })}</p>
      </Notice>
    )
  const reason = whyNot()
  const label = `${say(thingWords.stopMeanwhile)}${w('ellipsis')}`
  return (
    <>
      <Notice
        icon="stop"
        aside={
          reason === null ? (
            <button
              type="button"
              class="button"
              id="act-meanwhile"
              onClick={() => openOver(linkOf(['recalls', recall.id, 'meanwhile']))}
            >
              {label}
            </button>
          ) : (
            <OffWith label={label} reason={reason} />
          )
        }
      >
        {w('meanwhileDoes')}
      </Notice>
      {dialog === 'meanwhile' ? (
        <ActDialog
          title={say(thingWords.stopMeanwhile)}
          note={`${w('meanwhileDoes')}${language.value === 'zh' ? '。' : '. '}${w('stopNowRestWaits', { operation })}`}
          label={say(thingWords.stopMeanwhile)}
          needsReason
          onClose={() => closeTo(home)}
          send={async why => call('POST', `/v1/${recall.operation}`, { body: { ...sameAgain(recall), reason: why } })}
          done={() => {
            reread()
            closeTo(home)
          }}
        />
      ) : null}
    </>
  )
}

/** What was asked for, once more: it is the same recall, with a stop ahead of it. */
function sameAgain({ subject, overlay, fallback, ticket }: Recall): { readonly [member: string]: unknown } {
  const { title: _, ...about } = subject as { readonly title?: string | null; readonly [member: string]: unknown }
  return {
    ...about,
    ...(overlay === null
      ? {}
      : { overlay: Object.fromEntries(Object.entries(overlay).filter(([, value]) => value !== null)) }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(ticket === null ? {} : { ticket }),
    meanwhile: 'stop',
  }
}

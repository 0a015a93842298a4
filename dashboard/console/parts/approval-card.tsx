/** What waits for another person: who, why, how far, old and new text, and the two answers. */
import { decisionWords, effectWords, operationTitles, thingWords } from '../../words/terms.ts'
import type { Message, Recall } from '../answers.ts'
import { call } from '../api.ts'
import { away, left, now } from '../clock.ts'
import { language, listed, named, plural, say, titled, w } from '../language.ts'
import { channelName } from '../names.ts'
import { exact, wholeDevices } from '../numbers.ts'
import { type RecallPart, subjectOf } from '../about-recall.ts'
import { reachOfRecall } from '../reach.ts'
import { useResource } from '../resource.ts'
import { closeTo, linkOf, openOver } from '../router.ts'
import { may, me } from '../session.ts'
import { ActDialog } from './act-dialog.tsx'
import { OffWith } from './controls.tsx'
import { basisWord } from './devices.tsx'
import { Icon } from './icon.tsx'
import { Phone } from './phone.tsx'
import { approvalText } from './plan.tsx'
import { WhyFacts } from './recall-facts.tsx'
import { titleOf } from './status.tsx'
import { Around, Address, At, Fact, Said } from './text.tsx'

export function ApprovalCard({
  recall,
  reread,
  alone = false,
  dialog,
}: RecallPart & {
  /** On the page of the recall itself, which has its title. */
  readonly alone?: boolean
}) {
  const { approval, overlay } = recall
  const { message: messageId, exceptTokens } = recall.subject as {
    readonly message?: string
    readonly exceptTokens?: number
  }
  const message = useResource<Message>(
    messageId === undefined ? null : `/v1/messages/${encodeURIComponent(messageId)}`,
    () => ({ pace: 'still' }),
  )
  const found = message?.data.value ?? null
  const reach = approval?.reach ?? reachOfRecall(recall)
  const home = alone ? linkOf(['recalls', recall.id]) : '#/approvals'
  const open = (act: string) =>
    openOver(alone ? linkOf(['recalls', recall.id, act]) : linkOf(['approvals', recall.id, act]))
  const title = `${titleOf(recall.operation)}${language.value === 'zh' ? '' : ' '}`
  const ways = (effect: 'removed' | 'replaced' | 'stopped' | 'none') =>
    listed([
      ...new Set(
        recall.targets.flatMap(({ provider, effects }) =>
          effects.filter(one => one.effect === effect).map(({ channel }) => channelName(provider, channel)),
        ),
      ),
    ])
  const reason = whyNotDecide(recall)
  return (
    <article class="card approval" id={`approval-${recall.id}`}>
      <header class="approval-head">
        <Icon name={recall.operation} />
        <div>
          {alone ? null : (
            <h2>
              <a href={linkOf(['recalls', recall.id])}>
                {title}“<Said text={subjectOf(recall)} />”
              </a>
            </h2>
          )}
          <span class="second">
            {w('requestedBy', { who: recall.person ?? recall.requestedBy })} <At at={recall.createdAt} /> ·{' '}
            {away(Date.parse(recall.createdAt))}
          </span>
        </div>
        <div class="approval-reach">
          <b>{wholeDevices(reach)}</b>
          <span class="second">
            {basisWord(reach.basis)} · {plural(recall.targets.length + recall.moreTargets, 'oneTarget', 'manyTargets')}
          </span>
        </div>
      </header>
      <div class="approval-body">
        <div class="before-after">
          {found === null ? null : (
            <div>
              <p class="soft">{w('before')}</p>
              <Phone
                title={found.title}
                body={found.body}
                url={found.url}
                app={found.targets[0]?.app ?? ''}
                at={Date.parse(found.sentAt ?? found.createdAt)}
                label={w('before')}
              />
            </div>
          )}
          {overlay === null ? null : (
            <>
              <Icon name="arrow" />
              <div>
                <p class="accent">{w('after')}</p>
                <Phone
                  title={overlay.title}
                  body={overlay.body}
                  url={overlay.url}
                  app={found?.targets[0]?.app ?? recall.targets[0]?.app ?? ''}
                  at={Date.parse(recall.createdAt)}
                  label={w('after')}
                />
              </div>
            </>
          )}
        </div>
        <dl class="facts">
          <WhyFacts recall={recall} />
          {approval === null ? null : <Fact name={w('approvalLine')}>{approvalText(approval)}</Fact>}
          {(['removed', 'replaced', 'stopped', 'none'] as const).map(effect =>
            ways(effect) === '' ? null : (
              <Fact key={effect} name={named(effectWords, effect)}>
                {ways(effect)}
              </Fact>
            ),
          )}
          {exceptTokens === undefined ? null : (
            <Fact name={w('leftAlone')}>{w('tokensCounted', { n: exact(exceptTokens) })}</Fact>
          )}
          {overlay === null ? null : (
            <Fact name={w('link')}>
              {found?.url === undefined || found.url === null ? null : (
                <>
                  <s>
                    <Said text={found.url} />
                  </s>
                  <br />
                </>
              )}
              {overlay.url === null ? w('noLink') : <Address url={overlay.url} />}
            </Fact>
          )}
          {approval === null ? null : (
            <>
              <Fact name={titled(thingWords.checkNumber)}>
                <b class="check-number">{approval.check}</b> <span class="soft">{w('sameAsAsked')}</span>
              </Fact>
              <Fact name={w('decisions')}>
                {exact(approval.by.length)} / {exact(approval.needed)}
                {approval.by.map(({ person, at }) => (
                  <span key={person} class="second">
                    <Said text={person} /> · <At at={at} />
                  </span>
                ))}
              </Fact>
            </>
          )}
        </dl>
      </div>
      <footer class="approval-foot">
        <span>
          {approval === null || approval.expiresAt === null || now.value === 0 ? null : (
            <>
              <Icon name="clock" /> <b>{w('timeLeft', { time: left(Date.parse(approval.expiresAt)) })}</b>{' '}
              <span class="soft">{w('elseNotDone')}</span>
            </>
          )}
        </span>
        {reason === null ? (
          <>
            <button type="button" class="button big" id={`decline-${recall.id}`} onClick={() => open('decline')}>
              {say(decisionWords.decline)}
              {w('ellipsis')}
            </button>
            <button
              type="button"
              class="button primary big"
              id={`approve-${recall.id}`}
              onClick={() => open('approve')}
            >
              {approveLabel(recall)}
              {w('ellipsis')}
            </button>
          </>
        ) : (
          <OffWith label={approveLabel(recall)} reason={reason} />
        )}
      </footer>
      {reason === null && (dialog === 'approve' || dialog === 'decline') ? (
        <ActDialog
          title={<Around word={dialog === 'approve' ? 'approveTitle' : 'declineTitle'} title={subjectOf(recall)} />}
          note={
            dialog === 'approve'
              ? w('approveNote', { devices: wholeDevices(reach), check: approval?.check ?? '–' })
              : w('declineNote')
          }
          label={dialog === 'approve' ? approveLabel(recall) : say(decisionWords.decline)}
          onClose={() => closeTo(home)}
          send={async why =>
            call('POST', `/v1/recalls/${recall.id}/${dialog}`, {
              body: {
                ...(approval === null ? {} : { digest: approval.digest }),
                ...(why === '' ? {} : { reason: why }),
              },
            })
          }
          done={() => {
            reread()
            closeTo(home)
          }}
        />
      ) : null}
    </article>
  )
}

const approveLabel = ({ operation }: Recall): string =>
  w('approveIt', {
    operation:
      language.value === 'zh' ? named(operationTitles, operation) : named(operationTitles, operation).toLowerCase(),
  })

/** Null: this person may decide. */
export function whyNotDecide(recall: Recall): string | null {
  if (recall.approval?.mayDecide === true) return null
  return whyNotSecond(recall) ?? (recall.approval === null ? w('noApprovalCall') : w('cannotDecide'))
}

/** Why this person cannot be the second one of a recall, as far as can be told here; null: may. */
export function whyNotSecond(recall: Recall): string | null {
  const known = me.value
  if (known !== null && known.person === null) return w('keyWithoutPerson')
  if (known !== null && recall.person !== null && known.person === recall.person) return w('requesterCannot')
  return may('decide') ? null : w('onlyApprover')
}

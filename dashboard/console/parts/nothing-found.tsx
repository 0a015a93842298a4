/** Nothing was found: what can be done all the same. */
import type { List, Message } from '../answers.ts'
import { handleOf, looksLike, namesAt } from '../handles.ts'
import { w } from '../language.ts'
import { useResource } from '../resource.ts'
import { linkOf } from '../router.ts'
import { me, type Me } from '../session.ts'
import { Empty } from './notice.tsx'
import { Said } from './text.tsx'

/** Nothing was found: the text may be the id of a push that nobody registered. */
export function Nothing({ q, filtered }: { readonly q: string; readonly filtered: boolean }) {
  const text = q.trim()
  const apps = me.value?.apps ?? []
  const offers = offersOf(apps, text)
  // of apps that nobody tells, any may hold what looks like a number
  const isId = offers.length > 0 || /^\d{1,20}$/.test(text)
  const found = useResource<List<Message>>(isId ? `/v1/messages?limit=200` : null, () => ({ pace: 'still' }))
  if (isId) {
    const hit = (found?.data.value?.items ?? []).find(({ targets }) =>
      targets.some(target => handleOf(target)?.value === text),
    )
    if (hit !== undefined)
      return (
        <Empty title={w('foundByVendorId', { id: text })}>
          <a class="button primary" href={linkOf(['messages', hit.id])}>
            <Said text={hit.title ?? hit.id} />
          </a>
        </Empty>
      )
    return (
      <Empty title={w('noRegistered', { id: text })}>
        <p>{w('vendorIdHelp')}</p>
        <div class="button-row">
          {apps.length === 0 ? (
            <a class="button primary" href={linkOf(['new'], { handle: text })}>
              {w('takeBackById')}
            </a>
          ) : null}
          {offers.map(({ app, member, byTokens }) => (
            <a
              key={`${app} ${member}`}
              class={`button ${apps.length === 1 && !byTokens ? 'primary' : ''}`}
              href={linkOf(byTokens ? ['new'] : ['new', 'revoke'], { app, [member]: text })}
            >
              {apps.length === 1 && !byTokens ? w('takeBackById') : w('takeBackIn', { app })}
            </a>
          ))}
        </div>
      </Empty>
    )
  }
  if (filtered)
    return (
      <Empty title={w('noHit')}>
        <a class="link" href="#/messages">
          {w('clearFilters')}
        </a>
      </Empty>
    )
  return (
    <Empty title={w('noMessages')}>
      <p>{w('howRegister')}</p>
      <p>{w('howDiscover')}</p>
      <p class="button-row">
        <a class="button" href={linkOf(['new'])}>
          {w('takeBackById')}
        </a>
      </p>
    </Empty>
  )
}

interface Offer {
  readonly app: string
  readonly member: string
  /** Push tokens are needed besides. */
  readonly byTokens: boolean
}

/** Apps whose vendor may have given such an id, those first where it says all that is needed. */
function offersOf(apps: NonNullable<Me['apps']>, text: string): Offer[] {
  return apps
    .flatMap(({ id, provider }) => {
      const names = namesAt(provider)
      const meant = names?.handles.find(handle => looksLike(handle, text))
      if (names === null || meant === undefined) return []
      return [{ app: id, member: meant.member, byTokens: !meant.whole }]
    })
    .sort((one, other) => Number(one.byTokens) - Number(other.byTokens))
}

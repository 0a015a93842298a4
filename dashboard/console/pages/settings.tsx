/** What this person chose on this machine, and who they are here. */
import { roleWords } from '../../words/terms.ts'
import { config } from '../api.ts'
import { clockTime, now, offsetAt } from '../clock.ts'
import { chooseLanguage, language, named, w } from '../language.ts'
import { PageHead, environmentName } from '../parts/shell.tsx'
import { At, Fact, Id, Said } from '../parts/text.tsx'
import { applyTheme, keep, lockMinutes, readZone, shortcutsOn, theme, zone } from '../settings.ts'
import { lock, me, meKnown } from '../session.ts'
import { providerName } from '../names.ts'

export function SettingsPage() {
  const known = me.value
  return (
    <>
      <PageHead title={w('settings')} />
      <div class="settings-page">
        <section class="card narrow stack">
          <h2>{w('onThisMachine')}</h2>
          <label>
            <b>{w('languageName')}</b>
            <select
              class="field"
              value={language.value}
              onChange={event => chooseLanguage(event.currentTarget.value === 'zh' ? 'zh' : 'en')}
            >
              <option value="en" lang="en">
                English
              </option>
              <option value="zh" lang="zh-CN">
                简体中文
              </option>
            </select>
          </label>
          <label>
            <b>{w('themeName')}</b>
            <select
              class="field"
              value={theme.value}
              onChange={event => {
                keep('theme', event.currentTarget.value)
                applyTheme(event.currentTarget.value)
              }}
            >
              <option value="auto">{w('themeAuto')}</option>
              <option value="light">{w('lightTheme')}</option>
              <option value="dark">{w('darkTheme')}</option>
            </select>
          </label>
          <label>
            <b>{w('timeZone')}</b> <span class="soft">{`${clockTime(now.value)} ${offsetAt(now.value)}`}</span>
            <select
              class="field"
              value={zone.value ?? ''}
              onChange={event => {
                keep('zone', event.currentTarget.value)
                zone.value = readZone(event.currentTarget.value)
              }}
            >
              <option value="">{w('zoneOwn', { zone: new Intl.DateTimeFormat().resolvedOptions().timeZone })}</option>
              {zonesOf().map(name => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            <b>{w('lockAfter')}</b>
            <select
              class="field"
              value={String(lockMinutes.value)}
              onChange={event => {
                keep('lockMinutes', event.currentTarget.value)
                lockMinutes.value = Number(event.currentTarget.value)
              }}
            >
              {[...new Set([15, 30, 60, 120, 240, lockMinutes.value])]
                .sort((a, b) => a - b)
                .map(minutes => (
                  <option key={minutes} value={String(minutes)}>
                    {w('minutes', { n: minutes })}
                  </option>
                ))}
            </select>
          </label>
          <label class="tick-line">
            <input
              type="checkbox"
              checked={shortcutsOn.value}
              onChange={event => {
                keep('shortcuts', event.currentTarget.checked ? 'on' : 'off')
                shortcutsOn.value = event.currentTarget.checked
              }}
            />
            <span>{w('shortcutsSetting')}</span>
          </label>
        </section>
        <section class="card narrow">
          <h2>{w('whoYouAre')}</h2>
          {known === null ? (
            <p class="soft">{meKnown.value === 'old' ? w('apiOlderMe') : '–'}</p>
          ) : (
            <dl class="facts">
              <Fact name={w('person')}>
                <Said text={known.person ?? '–'} />
              </Fact>
              <Fact name={w('credential')}>
                <Id id={known.id} />
              </Fact>
              <Fact name={w('roles')}>
                {known.roles.map(role => named(roleWords, role)).join(language.value === 'zh' ? '、' : ', ')}
              </Fact>
              <Fact name={w('apps')}>
                {(known.apps ?? []).map(({ id, provider }) => (
                  <span key={id} class="app-line">
                    {id} <span class="soft">{providerName(provider ?? null)}</span>
                  </span>
                ))}
              </Fact>
              <Fact name={w('expires')}>
                <At at={known.expiresAt} />
              </Fact>
            </dl>
          )}
          <dl class="facts">
            <Fact name={w('environment')}>{environmentName() || '–'}</Fact>
            <Fact name={w('version')}>{config.value?.version ?? '–'}</Fact>
          </dl>
          <button type="button" class="button" onClick={lock}>
            {w('lock')}
          </button>
        </section>
      </div>
    </>
  )
}

function zonesOf(): string[] {
  const { supportedValuesOf } = Intl as unknown as { readonly supportedValuesOf?: (key: string) => string[] }
  const all = supportedValuesOf?.('timeZone') ?? [
    'Asia/Shanghai',
    'Asia/Singapore',
    'Europe/Berlin',
    'America/Los_Angeles',
  ]
  return ['UTC', ...all.filter(name => name !== 'UTC')]
}

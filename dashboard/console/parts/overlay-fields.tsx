/** The new text of an overlay, beside how both will look. */
import type { Message } from '../answers.ts'
import { language, listed, w } from '../language.ts'
import type { PlanView } from '../plan-view.ts'
import type { NewText } from '../recall-request.ts'
import { Icon } from './icon.tsx'
import { Phone } from './phone.tsx'
import { now } from '../clock.ts'

const templates = ['templateCorrection', 'templateWithdrawn', 'templateSorry'] as const
const bodies = {
  templateCorrection: 'templateCorrectionBody',
  templateWithdrawn: 'templateWithdrawnBody',
  templateSorry: 'templateSorryBody',
} as const

export function OverlayFields({
  value,
  onChange,
  shown,
  disabled,
  tried,
  plan,
}: {
  readonly value: NewText
  readonly onChange: (value: NewText) => void
  readonly shown: Message | null
  readonly disabled: boolean
  readonly tried: boolean
  readonly plan: PlanView | null
}) {
  const set = (change: Partial<NewText>) => onChange({ ...value, ...change })
  const title = shown?.title ?? ''
  const app = shown?.targets[0]?.app ?? ''
  const unable = plan === null ? [] : plan.channels.none
  return (
    <div class="overlay-fields">
      <fieldset disabled={disabled}>
        <legend>
          <b>{w('newText')}</b>
        </legend>
        <div class="chips">
          {templates.map((template, index) => (
            <button
              key={template}
              type="button"
              class="chip"
              {...(index === 0 ? { 'data-first': true } : {})}
              onClick={() => set({ title: w(template, { title }), body: w(bodies[template]) })}
            >
              {w(template, { title: '…' })}
            </button>
          ))}
        </div>
        <label>
          <span class="soft">{w('titleField')}</span>
          <input
            class="field"
            name="title"
            maxLength={1000}
            value={value.title}
            aria-invalid={tried && value.title.trim() === ''}
            onInput={event => set({ title: event.currentTarget.value })}
          />
        </label>
        <label>
          <span class="soft">{w('bodyField')}</span>
          <textarea
            class="field"
            name="body"
            rows={3}
            maxLength={10_000}
            value={value.body}
            aria-invalid={tried && value.body.trim() === ''}
            onInput={event => set({ body: event.currentTarget.value })}
          />
        </label>
        <label>
          <span class="soft">{w('linkField')}</span>
          <input
            class="field"
            name="url"
            type="url"
            inputMode="url"
            maxLength={2048}
            value={value.url}
            placeholder="https://"
            onInput={event => set({ url: event.currentTarget.value.trim() })}
          />
        </label>
        {unable.length === 0 ? null : (
          <div role="radiogroup" aria-label={w('cannotOverlay', { channels: listed(unable) })}>
            <p>{w('cannotOverlay', { channels: listed(unable) })}</p>
            <label class="tick-line">
              <input
                type="radio"
                name="force"
                checked={!value.forceCollapse}
                onChange={() => set({ forceCollapse: false })}
              />
              <span>{w('keepOld')}</span>
            </label>
            <label class="tick-line">
              <input
                type="radio"
                name="force"
                checked={value.forceCollapse}
                onChange={() => set({ forceCollapse: true })}
              />
              <span>{w('besideOld')}</span>
            </label>
          </div>
        )}
      </fieldset>
      <div class="before-after" lang={language.value === 'zh' ? 'zh-CN' : 'en'}>
        {shown === null ? null : (
          <div>
            <p class="soft">{w('before')}</p>
            <Phone
              title={shown.title}
              body={shown.body}
              url={shown.url}
              app={app}
              at={Date.parse(shown.sentAt ?? shown.createdAt)}
              label={w('before')}
            />
          </div>
        )}
        <Icon name="arrow" />
        <div>
          <p class="accent">{w('after')}</p>
          <Phone
            title={value.title || null}
            body={value.body}
            url={value.url === '' ? null : value.url}
            app={app}
            at={now.peek()}
            label={w('after')}
          />
        </div>
      </div>
    </div>
  )
}

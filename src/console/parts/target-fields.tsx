// Where events of a webhook go: to a URL, or nowhere.

import { CheckField, TextField } from './fields.tsx'

interface Props {
  readonly fields: { readonly url: string; readonly pull: boolean }
  /** It can be chosen still. */
  readonly mayPull: boolean
  /** It has none. */
  readonly isPull: boolean
  readonly wrong: string | undefined
}

export function TargetFields({ fields: { url, pull }, mayPull, isPull, wrong }: Props) {
  if (isPull) return <input type="hidden" name="pull" value="true" />
  return (
    <>
      <TextField
        name="url"
        label="URL"
        type="url"
        required={!mayPull}
        value={url}
        placeholder="https://example.com/hooks"
        hint="Where events are sent, by POST."
        wrong={wrong}
      />
      {mayPull && (
        <CheckField
          name="pull"
          label="Pull: nothing is sent, and its consumers read its events themselves"
          checked={pull}
        />
      )}
    </>
  )
}

import type { IdentityField } from './config.ts'

/** What is known of apps of one kind. */
export interface Preset {
  /** Paths that nobody needs from outside. */
  readonly closed: readonly string[]
  /** Headers that apps of this kind take a person from, besides ours. */
  readonly headers: Readonly<Record<string, IdentityField>>
  readonly hasWatcher: boolean
  /** Answers while the app is well. */
  readonly health: string | false
  /** How a browser asks for an earlier state of the app; null where there is no such thing. */
  readonly resume: Resume | null
}

/** Where requests name a state that must never go to another person. */
export interface Resume {
  /** Which of the subprotocols that a WebSocket offers, counted from 0. */
  readonly subprotocol: number
  /** Its first group is the name, in a path below that of the app. */
  readonly path: RegExp
}

/** Names of {@link presets}. */
export type PresetName = 'generic' | 'streamlit' | 'gradio' | 'grafana' | 'jupyter'

const generic: Preset = {
  closed: [],
  headers: {},
  hasWatcher: false,
  health: false,
  resume: null,
}

/** What is known of well-known apps. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  generic,
  streamlit: {
    ...generic,
    closed: ['/_stcore/metrics'],
    hasWatcher: true,
    health: '/_stcore/health',
    resume: { subprotocol: 2, path: /^\/_stcore\/upload_file\/([^/]+)/ },
  },
  gradio: { ...generic, closed: ['/monitoring/**'], hasWatcher: true },
  grafana: {
    ...generic,
    closed: ['/metrics'],
    headers: { 'X-WEBAUTH-USER': 'email', 'X-WEBAUTH-NAME': 'name' },
    health: '/api/health',
  },
  jupyter: { ...generic, closed: ['/metrics'] },
}

import { ConfigError } from 'cloakroom'
import { english } from './english.ts'
import { german } from './german.ts'
import type { Texts } from './texts.ts'

/** Texts to be replaced, section by section and text by text. */
export type TextChanges = {
  readonly [Section in keyof Texts]?: Texts[Section] extends string | readonly string[] | Callable
    ? Texts[Section]
    : Partial<Texts[Section]>
}

type Callable = (...given: never[]) => unknown

/** A language that is built in, or texts of your own; what these leave out stays English. */
export type TextsOption = 'en' | 'de' | TextChanges

/** Every text, of one language. @throws {ConfigError} for a language or a section there is not. */
export function resolveTexts(given: TextsOption = 'en'): Texts {
  if (given === 'en') return english
  if (given === 'de') return german
  if (typeof given === 'string') {
    throw new ConfigError('ERR_OPTION_INVALID', "`texts` must be 'en', 'de' or texts of your own.")
  }
  const sections = Object.entries(given).map(([name, changes]) => {
    if (!Object.hasOwn(english, name)) {
      throw new ConfigError('ERR_OPTION_UNKNOWN', `\`texts.${name}\` is no part of the texts.`)
    }
    const original = english[name as keyof Texts]
    const isGroup = isRecord(original) && isRecord(changes)
    return [name, isGroup ? { ...original, ...changes } : changes]
  })
  return { ...english, ...Object.fromEntries(sections) }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

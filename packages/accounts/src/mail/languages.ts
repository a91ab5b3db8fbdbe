import { ConfigError } from 'cloakroom'
import { englishMails } from './english.ts'
import { germanMails } from './german.ts'
import type { MailTexts } from './texts.ts'

/** A language that is built in, or mails of your own; those left out stay in the pages' language. */
export type MailsOption = 'en' | 'de' | Partial<MailTexts>

const languages = { en: englishMails, de: germanMails } as const

/** Every mail, of one language. @throws {ConfigError} for a language or a mail there is not. */
export function resolveMails(given: MailsOption = {}, language: 'en' | 'de' = 'en'): MailTexts {
  if (typeof given === 'string') {
    if (Object.hasOwn(languages, given)) return languages[given]
    throw new ConfigError('ERR_OPTION_INVALID', "`mails` must be 'en', 'de' or mails of your own.")
  }
  const unknown = Object.keys(given).find(name => !Object.hasOwn(englishMails, name))
  if (unknown === undefined) return { ...languages[language], ...given }
  throw new ConfigError('ERR_OPTION_UNKNOWN', `\`mails.${unknown}\` is none of the mails.`)
}

import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../core/bytes.ts'
import { SealError } from '../core/errors.ts'
import { createSealer, type SealerOptions } from './seal.ts'

/** Seals texts that an application stores elsewhere, with the keys that seal sessions. */
export interface TextSealer {
  /** `place` names the one place where the text may be opened, such as the id of its row. */
  seal(text: string, place: string): string
  /** @throws {SealError} when it was changed, belongs elsewhere, or its key is no longer there. */
  open(sealed: string, place: string): string
}

/** Makes a {@link TextSealer}. */
export function createTextSealer(options: SealerOptions): TextSealer {
  const sealer = createSealer({ ...options, purpose: `text/${options.purpose}` })
  return {
    seal(text, place) {
      const { keyId, sealed } = sealer.seal(utf8(text), utf8(place))
      return `${keyId}.${toBase64Url(sealed)}`
    },
    open(given, place) {
      const [keyId = '', text = ''] = given.split('.', 2)
      const sealed = fromBase64Url(text)
      if (sealed === null) throw new SealError()
      return fromUtf8(sealer.open(sealed, utf8(place), keyId))
    },
  }
}

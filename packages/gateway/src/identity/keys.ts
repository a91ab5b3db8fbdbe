import {
  createHmac,
  createPrivateKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'

/** Keys for what the gateway signs, each made from one of the secrets, so that all workers agree. */
export interface GatewayKeys {
  /** Ed25519, newest first. */
  readonly signing: readonly [KeyObject, ...KeyObject[]]
  /** A code over a text that only a gateway can make. */
  mac(purpose: string, text: string): string
  /** Whether a code is one that {@link GatewayKeys.mac} made, with whichever secret. */
  isMac(purpose: string, text: string, code: string): boolean
  /** Puts keys of other secrets in the place of these. */
  replace(secrets: readonly [string, ...string[]]): void
}

/** Makes {@link GatewayKeys} from the secrets, newest first. */
export function createGatewayKeys(secrets: readonly [string, ...string[]]): GatewayKeys {
  let { signing, macs } = deriveKeys(secrets)
  const macWith = (key: Buffer, purpose: string, text: string): string =>
    createHmac('sha256', key).update(`${purpose}\0${text}`).digest('base64url')
  return {
    get signing() {
      return signing
    },
    mac: (purpose, text) => macWith(macs[0] ?? Buffer.alloc(0), purpose, text),
    isMac(purpose, text, code) {
      const given = Buffer.from(code)
      return macs.some(key => {
        const expected = Buffer.from(macWith(key, purpose, text))
        return given.length === expected.length && timingSafeEqual(given, expected)
      })
    },
    replace(others) {
      const made = deriveKeys(others)
      signing = made.signing
      macs = made.macs
    },
  }
}

function deriveKeys(secrets: readonly [string, ...string[]]): {
  signing: readonly [KeyObject, ...KeyObject[]]
  macs: readonly Buffer[]
} {
  const [newest, ...older] = secrets
  return {
    signing: [signingKey(newest), ...older.map(signingKey)],
    macs: secrets.map(secret => derive(secret, 'cloakroom gateway mac')),
  }
}

/** A seed of 32 bytes is a whole Ed25519 key (RFC 8032); around it goes PKCS #8 (RFC 8410). */
function signingKey(secret: string): KeyObject {
  const header = Buffer.from('302e020100300506032b657004220420', 'hex')
  const key = Buffer.concat([header, derive(secret, 'cloakroom gateway identity token')])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))
}

import type { SignedWith } from '../doku/inbound.ts'
import type { Difference, Part } from './explain-signature.ts'
import type { Finding } from './finding.ts'

/** What to do about a difference in a part. */
const fixes: Readonly<Record<Part, string>> = {
  token:
    "if this is what DOKU does, set webhooks: { signedWith: ['bearer', 'empty'] } for no token, or ['bearer', 'doku-token'] for the one that DOKU issued; another token there is a fault of the sender",
  path: 'make publicUrl, path included, the address that is in DOKU’s dashboard: DOKU signs the path of its Notification URL',
  body: 'something between DOKU and the app reads the body and writes it anew (a proxy, a firewall, a body parser): let it through as it comes',
  timestamp: 'something between DOKU and the app writes X-TIMESTAMP anew: let it through as it comes',
  secret:
    'set secretKey to exactly what the dashboard shows, without blanks or line ends; while it is replaced, [newSecret, oldSecret]',
  spelling: 'DOKU signs in Base64; whoever sent this is not DOKU, or something on the way has changed the header',
}

export interface Explained {
  /** `undefined`: nothing that was tried fits. */
  readonly differences: readonly Difference[] | undefined
  readonly isRsa: boolean
  readonly signedWith: readonly SignedWith[]
}

function isTaken({ taken }: Difference, signedWith: readonly SignedWith[]): boolean {
  return taken === 'always' || (taken !== undefined && signedWith.includes(taken))
}

/** What the signature is over, and what to do when it should be over something else. */
export function signatureFinding({ differences, isRsa, signedWith }: Explained): Finding {
  const check = 'signature'
  if (isRsa) {
    const says = 'it is signed with DOKU’s RSA key in place of the secret key, which the app does not accept'
    return {
      check,
      status: 'failed',
      says,
      fix: 'ask DOKU for the symmetric signature that its pages describe, or report it to us',
    }
  }
  if (differences === undefined) return { check, status: 'failed', ...nothingFits }
  const wrong = differences.filter((difference) => !isTaken(difference, signedWith))
  const heard = differences.map(({ part, says }) => `${part}: ${says}`).join('; ')
  if (wrong.length === 0) return { check, status: 'ok', says: heard === '' ? 'it fits' : `it fits (${heard})` }
  const says = `it does not fit, but would with another ${heard}`
  return { check, status: 'failed', says, fix: wrong.map(({ part }) => fixes[part]).join('. And ') }
}

const nothingFits = {
  says: 'it does not fit, whatever of token, path, body and timestamp is tried: it was made with another secret key, or what was signed was changed on the way',
  fix: 'compare secretKey with the dashboard of the same environment (Settings › API Keys); if it is the same, take the capture nearer to DOKU, before any proxy',
}

import { apis } from '../../../lib/doku/api.ts'
import { serve } from './serve.ts'

/** How long tokens last. */
const lifeSeconds = 900

const { accessToken, customerToken, binding, balance, payment, status } = apis['core-v1']
const idr = (value: string) => ({ value, currency: 'IDR' })

let tokens = 0

/** What is answered, by path: well-formed SNAP, always success. */
function answersFor(host: string): Readonly<Record<string, () => string>> {
  const fixed = (content: object) => {
    const text = JSON.stringify(content)
    return () => text
  }
  return {
    [accessToken.path]: () => {
      tokens++
      const token = `access-${tokens}-`.padEnd(200, '0')
      return JSON.stringify({
        responseCode: '2007300',
        accessToken: token,
        tokenType: 'Bearer',
        expiresIn: lifeSeconds,
      })
    },
    [customerToken.path]: () => {
      tokens++
      const token = `customer-${tokens}-`.padEnd(200, '0')
      const accessTokenExpiryTime = new Date(Date.now() + lifeSeconds * 1000).toISOString()
      return JSON.stringify({ responseCode: '2007400', accessToken: token, accessTokenExpiryTime })
    },
    [binding.path]: fixed({
      responseCode: '2000700',
      responseMessage: 'Successful',
      redirectUrl: `http://${host}/binding`,
      additionalInfo: { authCode: 'auth-code-of-a-customer' },
    }),
    [balance.path]: fixed({
      responseCode: '2001100',
      responseMessage: 'Successful',
      accountInfos: [
        { balanceType: 'CASH', availableBalance: idr('250000.00') },
        { balanceType: 'POINTS', availableBalance: idr('1200.00') },
      ],
    }),
    [payment.path]: fixed({
      responseCode: '2005400',
      responseMessage: 'Successful',
      referenceNo: '20260102030405000001',
      webRedirectUrl: `http://${host}/direct-debit/ui/payment/ovo/0123456789`,
    }),
    [status.path]: fixed({ responseCode: '2005500', responseMessage: 'Successful', latestTransactionStatus: '03' }),
  }
}

/**
 * Plays DOKU for every server under test alike. A load target, and nothing else: it verifies nothing and remembers
 * nothing, so that it costs next to nothing beside what is measured. That the signatures are right, other tests show.
 */
serve(() => {
  let answers: ReturnType<typeof answersFor> | undefined
  return (req, res) => {
    answers ??= answersFor(req.headers.host ?? '')
    const answer = answers[req.url ?? '']?.() ?? '{}'
    req.resume().once('end', () => {
      res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(answer) })
      res.end(answer)
    })
  }
})

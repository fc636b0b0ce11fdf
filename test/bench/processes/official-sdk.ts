import { createRequire } from 'node:module'
import express from 'express'
import { serve } from './serve.ts'
import { mountPath } from './shop.ts'

const require = createRequire(import.meta.url)

/** The part of DOKU's own library that its README uses for a payment. It comes without types. */
interface Snap {
  doPayment(request: object, authCode: string, ipAddress: string, deviceId?: string): Promise<object>
}
type SnapClass = new (options: Record<string, unknown>) => Snap
type RequestClass = new () => Record<string, unknown>

const library = 'doku-nodejs-library'
const { Snap } = require(library) as { Snap: SnapClass }
const { PaymentRequestDto } = require(`${library}/_models/paymentRequestDirectDebitDTO`) as {
  PaymentRequestDto: RequestClass
}
/** The library knows DOKU's addresses only; this is where it keeps them. */
const config = require(`${library}/_commons/config`) as { CORE_SANDBOX_BASE_URL: string }

/** The route that the README of `doku-nodejs-library` shows under "Request Payment", fields and error handling as there. */
serve(({ merchant, dokuUrl }) => {
  // The library writes the secret key and every request to standard output, which goes nowhere here.
  config.CORE_SANDBOX_BASE_URL = dokuUrl
  const snap = new Snap({
    isProduction: false,
    privateKey: merchant.privateKey,
    clientID: merchant.clientId,
    publicKey: merchant.dokuPublicKey,
    dokuPublicKey: merchant.dokuPublicKey,
    issuer: 'shop',
    secretKey: merchant.secretKey,
  })

  return express()
    .use(express.json())
    .post(`${mountPath}/payments`, async (req, res) => {
      const request = new PaymentRequestDto()
      request.payOptionDetails = req.body.payOptionDetails
      request.partnerReferenceNo = req.body.partnerReferenceNo
      request.amount = req.body.amount
      request.additionalInfo = req.body.additionalInfo
      const ipAddress = req.headers['x-ip-address']
      const authCode = req.body.authCode
      await snap
        .doPayment(request, authCode, String(ipAddress))
        .then((response) => {
          res.status(200).send(response)
        })
        .catch((error) => {
          if (error.response?.data) res.status(error.response.status).send(error.response.data)
          else res.status(500).send({ message: error.message })
        })
    })
})

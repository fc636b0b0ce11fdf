import type { Dialect } from '../options.ts'
import { Refusal } from '../protocol/answers.ts'
import { type JsonObject, requiredText } from '../protocol/bodies.ts'
import { jakartaTime } from '../protocol/values.ts'
import type { Binding } from '../state/bindings.ts'
import type { World } from '../world.ts'
import type { Handler } from './call.ts'

/**
 * The documented life of a refresh token. No merchant is known to use one.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 */
const REFRESH_TOKEN_MS = 15 * 24 * 60 * 60 * 1000

/**
 * additionalInfo is an empty string in DOKU's example too.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
 */
export const issueAccessToken: Handler = (world) => ({
  accessToken: world.tokens.issueAccessToken(),
  tokenType: 'Bearer',
  expiresIn: formatSeconds(world.settings.accessTokenSeconds, world.settings.dialect),
  additionalInfo: '',
})

/**
 * The authCode works any number of times, from the moment the customer has entered OTP and PIN until the account is unlinked.
 * Before and after that, the answer is 4017400, which merchants read as "not active".
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6
 */
export const issueCustomerToken: Handler = (world, { body }) => {
  const binding = bindingOf(world, body)
  if (binding?.status !== 'linked') throw new Refusal('unauthorized', 'Account is not linked')
  const { token, expiresAt, refreshToken } = world.tokens.issueCustomerToken(binding)
  return {
    accessToken: token,
    tokenType: 'Bearer',
    ...expiry(world, expiresAt),
    refreshToken,
    refreshTokenExpiryTime: jakartaTime(world.settings.clock() + REFRESH_TOKEN_MS),
    additionalInfo: {},
  }
}

function formatSeconds(seconds: number, { expiresIn }: Dialect): number | string {
  return expiresIn === 'text' ? String(seconds) : seconds
}

function expiry({ settings }: World, expiresAt: number): { accessTokenExpiryTime?: string } {
  const { customerTokenExpiry } = settings.dialect
  if (customerTokenExpiry === 'absent') return {}
  const isTime = customerTokenExpiry === 'iso'
  return { accessTokenExpiryTime: isTime ? jakartaTime(expiresAt) : String(settings.customerTokenSeconds) }
}

function bindingOf({ bindings, tokens }: World, body: JsonObject): Binding | undefined {
  if (requiredText(body, 'grantType') === 'authorization_code')
    return bindings.byAuthCode(requiredText(body, 'authCode'))
  return tokens.bindingOfRefreshToken(requiredText(body, 'refreshToken'))
}

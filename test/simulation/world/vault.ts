import { type Vault, VaultError } from '../../../lib/records/vault.ts'

/** Seals nothing, but still opens for its own record only: real encryption would take time that no seed decides. */
export const plainVault: Vault = {
  seal: async (recordKey, plaintext) => `${recordKey}|${plaintext}`,
  isNewest: () => true,
  open: async (recordKey, sealed) => {
    if (sealed.startsWith(`${recordKey}|`)) return sealed.slice(recordKey.length + 1)
    throw new VaultError('sealed for another record')
  },
}

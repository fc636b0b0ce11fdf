import type { Command } from './command.ts'
import { doctor } from './doctor.ts'
import { keygen } from './keygen.ts'
import { notify } from './notify.ts'

import { probe } from './probe.ts'
import { sign } from './sign.ts'
import { simulator } from './simulator.ts'
import { verify } from './verify.ts'

/** In the order in which a merchant needs them. */
export const commands: readonly Command[] = [keygen, doctor, simulator, notify, sign, verify, probe]

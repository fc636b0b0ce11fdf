import { register } from 'tsx/esm/api'

// Here and not by --import: only now is the working folder the sandbox, whose tsconfig.json leads to the mutated lib.
register({ tsconfig: 'tsconfig.json' })

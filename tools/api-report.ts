/**
 * Prints the public surface: every exported name with its type, per entry point. Sorted, without comments, and independent of the file
 * that declares a name. A type that no entry point exports is written out in full, so its own name never shows.
 *
 * `--write` keeps the report in docs/api-report.txt, `--check` fails if that file tells something else.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SyntaxKind } from 'typescript/unstable/ast'
import {
  API,
  type Checker,
  ElementFlags,
  NodeBuilderFlags,
  type Project,
  type Signature,
  SignatureKind,
  SymbolFlags,
  type TupleType,
  type Type,
  TypeFlags,
  type Symbol as TypeScriptSymbol,
} from 'typescript/unstable/sync'

const root = fileURLToPath(new URL('..', import.meta.url))
const lib = join(root, 'lib/').toLowerCase()
const kept = join(root, 'docs/api-report.txt')
const hidden = new Set([SyntaxKind.PrivateKeyword, SyntaxKind.ProtectedKeyword])
const readonlyProperty = 8 // CheckFlags.Readonly, for the properties of mapped types, which have no declaration of their own

const indent = (text: string) => text.replaceAll('\n', '\n  ')
const byName = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

class ApiReport {
  readonly #checker: Checker
  readonly #entries: ReadonlyMap<string, readonly TypeScriptSymbol[]>
  /** The ids of the symbols that some entry point exports, each with its name. */
  readonly #exported = new Map<number, string>()
  /** The name of each exported alias by what it stands for: a type that is derived keeps the name that it had when it was written. */
  readonly #aliases = new Map<string, string>()
  /** The types that are being written now: a recursive type names itself. */
  readonly #open = new Set<number>()

  constructor({ program, checker }: Project) {
    this.#checker = checker
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { types: string }>
    }
    this.#entries = new Map(
      Object.entries(exports).flatMap(([name, entry]) => {
        if (typeof entry === 'string') return []
        const source = program.getSourceFile(join(root, entry.types.replace('dist/', 'lib/').replace('.d.ts', '.ts')))
        const module = source && checker.getSymbolAtLocation(source)
        if (!module) throw new Error(`${name}: no source for ${entry.types}`)
        return [[name, checker.getExportsOfModule(module)] as const]
      }),
    )
    const exported = [...this.#entries.values()].flat().sort((one, other) => byName(one.name, other.name))
    for (const symbol of exported) this.#exported.set(this.#resolve(symbol).id, symbol.name)
    for (const symbol of exported) this.#nameAlias(symbol.name, this.#resolve(symbol))
  }

  #nameAlias(name: string, symbol: TypeScriptSymbol): void {
    if (!(symbol.flags & SymbolFlags.TypeAlias)) return
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol)
    if (!type.isUnionType() && !type.isObjectType()) return
    const written = this.#writtenOut(type)
    if (!this.#aliases.has(written)) this.#aliases.set(written, name)
  }

  print(): string {
    return [...this.#entries]
      .map(([name, symbols]) => {
        const lines = symbols.flatMap((symbol) => this.#export(symbol.name, this.#resolve(symbol))).sort(byName)
        return `${name}\n\n${lines.join('\n')}\n`
      })
      .join('\n')
  }

  #resolve(symbol: TypeScriptSymbol): TypeScriptSymbol {
    return symbol.flags & SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  #export(name: string, symbol: TypeScriptSymbol): string[] {
    const lines: string[] = []
    if (symbol.flags & SymbolFlags.Type) {
      const type = this.#checker.getDeclaredTypeOfSymbol(symbol)
      const foreign = symbol.flags & SymbolFlags.TypeAlias ? this.#nameOf(type) : undefined
      const written = foreign ?? this.#writtenOut(type)
      lines.push(`type ${name}${this.#typeParameters(type)} = ${written}${this.#where(written, symbol)}`)
    }
    if (symbol.flags & SymbolFlags.Value) {
      const type = this.#checker.getTypeOfSymbol(symbol)
      if (type)
        lines.push(`const ${name}: ${symbol.flags & SymbolFlags.Class ? this.#members(type) : this.#type(type)}`)
    }
    return lines
  }

  /** The inner types that a generic type names, which stays as it is written. */
  #where(written: string, symbol: TypeScriptSymbol, told = new Set<number>()): string {
    const place = symbol.declarations[0]?.resolve()
    return [...new Set(written.match(/\b[A-Z]\w*/g))]
      .map((name) => {
        const inner = this.#checker.resolveName(name, SymbolFlags.Interface | SymbolFlags.TypeAlias, place)
        const target = inner && this.#resolve(inner)
        if (!target || told.has(target.id) || this.#exported.has(target.id) || this.#isForeign(target)) return ''
        told.add(target.id)
        const itself = this.#writtenOut(this.#checker.getDeclaredTypeOfSymbol(target))
        return `\n  where ${name} = ${indent(itself)}${this.#where(itself, target, told)}`
      })
      .join('')
  }

  #typeParameters(type: Type): string {
    const parameters = type.isClassOrInterface() ? type.getLocalTypeParameters() : type.getAliasTypeArguments()
    return this.#list(parameters.map((parameter) => this.#typeParameter(parameter)))
  }

  #typeParameter(parameter: Type): string {
    const constraint = parameter.isTypeParameter() && this.#checker.getConstraintOfTypeParameter(parameter)
    return this.#checker.typeToString(parameter) + (constraint ? ` extends ${this.#type(constraint)}` : '')
  }

  #list(types: readonly string[]): string {
    return types.length > 0 ? `<${types.join(', ')}>` : ''
  }

  /** A type by its name if the world outside knows that name, else written out. */
  #type(type: Type): string {
    const alias = type.getAliasSymbol()
    const aliasName = alias && this.#exported.get(alias.id)
    if (aliasName) return aliasName + this.#list(type.getAliasTypeArguments().map((each) => this.#type(each)))
    if (type.isObjectType()) {
      if (this.#checker.isTupleType(type)) return this.#tuple(type as TupleType)
      const name = this.#nameOf(type)
      if (name) {
        const typeArguments = type.isTypeReference() ? this.#checker.getTypeArguments(type) : []
        return name + this.#list(typeArguments.map((each) => this.#type(each)))
      }
    }
    if (type.isUnionType()) return this.#union(type.getTypes())
    const written = this.#writtenOut(type)
    return this.#aliases.get(written) ?? written
  }

  /** The name of a class or an interface that is exported, or of one that TypeScript, Node.js or a package declares. */
  #nameOf(type: Type): string | undefined {
    const alias = type.getAliasSymbol()
    if (alias && this.#isForeign(alias) && type.getAliasTypeArguments().length === 0) return alias.name
    const symbol = type.getSymbol()
    if (!symbol || !(symbol.flags & (SymbolFlags.Interface | SymbolFlags.Class))) return undefined
    return this.#exported.get(symbol.id) ?? (this.#isForeign(symbol) ? symbol.name : undefined)
  }

  #tuple(type: TupleType): string {
    const { elementFlags = [], readonly } = (type.getTarget() ?? type) as TupleType
    const elements = this.#checker.getTypeArguments(type).map((each, index) => {
      const flags = elementFlags[index] ?? ElementFlags.Required
      const rest = flags & (ElementFlags.Rest | ElementFlags.Variadic)
      const written = rest ? `...${this.#type(each)}[]` : this.#type(each)
      return flags & ElementFlags.Optional ? `${written}?` : written
    })
    return `${readonly ? 'readonly ' : ''}[${elements.join(', ')}]`
  }

  #isForeign(symbol: TypeScriptSymbol): boolean {
    return (
      symbol.declarations.length > 0 && symbol.declarations.every(({ path }) => !path.toLowerCase().startsWith(lib))
    )
  }

  #writtenOut(type: Type): string {
    if (this.#open.has(type.id)) return this.#checker.typeToString(type)
    this.#open.add(type.id)
    try {
      if (type.isUnionType()) return this.#join(type.getTypes(), ' | ')
      if (type.isIntersectionType() && !type.getTypes().every((each) => this.#isPlainObject(each))) {
        return this.#join(type.getTypes(), ' & ')
      }
      return type.isObjectType() || type.isIntersectionType()
        ? this.#members(type)
        : this.#checker.typeToString(type, undefined, NodeBuilderFlags.InTypeAlias | NodeBuilderFlags.NoTruncation)
    } finally {
      this.#open.delete(type.id)
    }
  }

  #isPlainObject(type: Type): boolean {
    return type.isObjectType() && !this.#nameOf(type) && this.#callsOf(type).length === 0
  }

  #callsOf(type: Type): readonly Signature[] {
    return this.#checker.getSignaturesOfType(type, SignatureKind.Call)
  }

  /** A union, by the name of the alias that stands for it; `undefined` and `null` come last. */
  #union(types: readonly Type[]): string {
    const isNothing = (type: Type) => (type.flags & TypeFlags.Nullable) !== 0
    const some = this.#join(
      types.filter((type) => !isNothing(type)),
      ' | ',
    )
    const nothing = this.#join(types.filter(isNothing), ' | ')
    const named = this.#aliases.get(some) ?? (nothing && /^[<(]/.test(some) ? `(${some})` : some)
    return [named, nothing].filter(Boolean).join(' | ')
  }

  #join(types: readonly Type[], separator: ' | ' | ' & '): string {
    const booleans = types.filter((type) => type.isBooleanLiteralType())
    const others = types.filter((type) => !type.isBooleanLiteralType()).map((type) => this.#type(type))
    const written = booleans.length === 2 ? ['boolean'] : booleans.map((type) => this.#checker.typeToString(type))
    const all = [...others, ...written]
    return all
      .map((each) => (all.length > 1 && /^[<(]/.test(each) ? `(${each})` : each))
      .sort(byName)
      .join(separator)
  }

  #members(type: Type): string {
    const calls = this.#callsOf(type).map((each) => this.#signature(each))
    const constructors = this.#checker.getSignaturesOfType(type, SignatureKind.Construct)
    const lines = [
      ...calls.map((call) => call.join(': ')),
      ...constructors.map((each) => `new ${this.#signature(each).join(': ')}`),
      ...this.#checker
        .getIndexInfosOfType(type)
        .map(({ isReadonly, keyType, valueType }) =>
          this.#property(isReadonly, `[key: ${this.#type(keyType)}]`, this.#type(valueType)),
        ),
      ...this.#checker
        .getPropertiesOfType(type)
        .filter((property) => this.#isPublic(property))
        .flatMap((property) => this.#member(property))
        .sort(byName),
    ]
    const [only] = calls
    if (only && lines.length === 1) return only.join(' => ')
    const body = lines.length > 0 ? `{\n  ${lines.map(indent).join('\n  ')}\n}` : '{}'
    return [...this.#basesOf(type), body].join(' & ')
  }

  /** A class that it extends, and what it has from outside: their members are not listed again, or not at all. */
  #basesOf(type: Type): string[] {
    return (type.getBaseTypes() ?? [])
      .filter((base) => {
        const symbol = base.getSymbol()
        return symbol && (this.#isForeign(symbol) || symbol.flags & SymbolFlags.Class)
      })
      .map((base) => this.#type(base))
      .sort(byName)
  }

  #isPublic(property: TypeScriptSymbol): boolean {
    if (this.#isForeign(property) || property.name.startsWith('#') || property.name === 'prototype') return false
    return !this.#hasModifier(property, (kind) => hidden.has(kind))
  }

  #hasModifier(property: TypeScriptSymbol, test: (kind: SyntaxKind) => boolean): boolean {
    const declaration = property.declarations[0]?.resolve() as
      | { modifiers?: readonly { kind: SyntaxKind }[] }
      | undefined
    return declaration?.modifiers?.some(({ kind }) => test(kind)) ?? false
  }

  #member(property: TypeScriptSymbol): string[] {
    const type = this.#checker.getTypeOfSymbol(property)
    if (!type) return []
    const isOptional = (property.flags & SymbolFlags.Optional) !== 0
    const name = `${property.name}${isOptional ? '?' : ''}`
    const accessors = property.flags & SymbolFlags.Accessor
    if (property.flags & SymbolFlags.Method) {
      const callable = isOptional ? (this.#checker.getNonNullableType(type) ?? type) : type
      return this.#checker
        .getSignaturesOfType(callable, SignatureKind.Call)
        .map((each) => name + this.#signature(each).join(': '))
    }
    const isReadonly =
      accessors === SymbolFlags.GetAccessor ||
      (property.checkFlags & readonlyProperty) !== 0 ||
      this.#hasModifier(property, (kind) => kind === SyntaxKind.ReadonlyKeyword)
    return [this.#property(isReadonly, name, isOptional ? this.#optional(type) : this.#type(type))]
  }

  /** Without the `undefined` that only stands for the absence of an optional property. */
  #optional(type: Type): string {
    if (!type.isUnionType()) return this.#type(type)
    const absent = (each: Type) => each.flags & TypeFlags.Undefined && each.id !== this.#checker.getUndefinedType().id
    return this.#union(type.getTypes().filter((each) => !absent(each)))
  }

  #property(isReadonly: boolean, name: string, type: string): string {
    return `${isReadonly ? 'readonly ' : ''}${name}: ${type}`
  }

  /** The parameters and the result. */
  #signature(signature: Signature): [parameters: string, result: string] {
    const symbols = signature.getParameters()
    const parameters = symbols.map((parameter, index) => {
      const isRest = signature.hasRestParameter && index === symbols.length - 1
      const type = this.#checker.getTypeOfSymbol(parameter)
      const written = type ? this.#type(type) : 'unknown'
      const declaration = parameter.declarations[0]?.resolve() as
        | { questionToken?: unknown; initializer?: unknown }
        | undefined
      const isOptional = declaration?.questionToken !== undefined || declaration?.initializer !== undefined
      return `${isRest ? '...' : ''}${parameter.name}${isOptional ? '?' : ''}: ${written}`
    })
    const generic = this.#list(signature.getTypeParameters().map((each) => this.#typeParameter(each)))
    const predicate = this.#checker.getTypePredicateOfSignature(signature)
    const result = this.#checker.getReturnTypeOfSignature(signature)
    const told = predicate?.type ? `${predicate.parameterName ?? 'this'} is ${this.#type(predicate.type)}` : undefined
    return [`${generic}(${parameters.join(', ')})`, told ?? (result ? this.#type(result) : 'unknown')]
  }
}

const api = new API({ cwd: root })
const config = join(root, 'tsconfig.json')
const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
if (!project) throw new Error('tsconfig.json: no project')
const report = new ApiReport(project).print()
api.close()

if (process.argv.includes('--write')) writeFileSync(kept, report)
else if (!process.argv.includes('--check')) process.stdout.write(report)
else if (!existsSync(kept) || readFileSync(kept, 'utf8') !== report) {
  process.stderr.write(
    'The public surface is not that of docs/api-report.txt. If you meant to change it: npm run report:api -- --write\n',
  )
  process.exitCode = 1
}

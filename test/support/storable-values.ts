import fc from 'fast-check'

/** Names that an object has anyway, or that other serialisers give a meaning. */
const awkwardNames = [
  'constructor',
  'toJSON',
  'hasOwnProperty',
  'length',
  'size',
  'valueOf',
  '',
  'a b',
  '0',
]

const names = fc.oneof(
  fc.constantFrom(...awkwardNames),
  fc.string({ unit: 'grapheme', maxLength: 6 }).filter(name => name !== '__proto__'),
)

const leaves: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.double().map(number => (Object.is(number, -0) ? 0 : number)),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 300 }),
  fc.boolean(),
  fc.constantFrom(null, undefined, '__proto__'),
)

/** What a session can hold, whatever it looks like. */
export const storableValues: fc.Arbitrary<unknown> = valuesOf(leaves)

/** Objects as session data is made of. */
export const storableData: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(
  names,
  storableValues,
  { noNullPrototype: true },
)

/** Values, among them many that a session cannot hold, at any depth. */
export const anyValues: fc.Arbitrary<unknown> = valuesOf(
  fc.oneof(
    { weight: 8, arbitrary: leaves },
    fc.constantFrom<unknown>(
      () => 1,
      Symbol('s'),
      '\ud800',
      'x\udc00',
      /x/,
      new Error('x'),
      new URL('https://example.test'),
      new Float32Array(2),
      new Uint8Array(2).buffer,
      Promise.resolve(1),
      new WeakMap(),
      Object(1),
      Object('x'),
    ),
    fc.constant(null).map(() => new Array(3)),
    fc.constant(null).map(() => Object.assign([1], { named: 1 })),
    fc.constant(null).map(() => Object.assign(new Map(), { named: 1 })),
    fc.constant(null).map(() => ({ [Symbol('s')]: 1 })),
    fc.constant(null).map(() => ({ '\ud800': 1 })),
    fc.constant(null).map(() => JSON.parse('{"__proto__":1}')),
    fc.constant(null).map(() => Object.create({ inherited: 1 })),
    fc.constant(null).map(() => Object.assign(Object.create(null), { bare: 1 })),
    fc.constant(null).map(() => Buffer.from('bytes')),
  ),
)

function valuesOf(leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(names, tie('value'), { maxKeys: 5, noNullPrototype: true }),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map(list => new Map(list)),
      fc.array(tie('value'), { maxLength: 3 }).map(list => new Set(list)),
    ),
  })).value
}

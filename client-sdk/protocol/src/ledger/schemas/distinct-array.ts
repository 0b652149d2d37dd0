import { Kind, Type, TypeRegistry, type Static, type TSchema, type TUnsafe } from '@sinclair/typebox';
import { fits } from '../../encoding/schema-check';

const KIND = 'DistinctArray';

interface DistinctArray extends TSchema {
  readonly items: TSchema;
  readonly minItems?: number;
  readonly maxItems: number;
}

TypeRegistry.Set<DistinctArray>(
  KIND,
  ({ items, minItems = 0, maxItems }, value) =>
    Array.isArray(value) &&
    value.length >= minItems &&
    value.length <= maxItems &&
    value.every((item) => fits(items, item)) &&
    new Set(value).size === value.length,
);

/**
 * An array of texts or numbers, none of them twice.
 *
 * TypeBox's own `uniqueItems` hashes each item byte by byte in big integers, some 20 µs for a name: whoever may fill
 * records with names could keep every reader of them busy. Here a `Set` compares, which texts and numbers allow.
 */
export function distinctArray<Item extends TSchema & { readonly static: string | number }>(
  items: Item,
  limits: { readonly minItems?: number; readonly maxItems: number },
): TUnsafe<Static<Item>[]> {
  return Type.Unsafe<Static<Item>[]>({ [Kind]: KIND, ...limits, uniqueItems: true, type: 'array', items });
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/**
 * Orders keys by code point, which is the byte order of their UTF-8 form and so the order of Fabric's state database.
 *
 * JavaScript's own order compares UTF-16 units and puts surrogate pairs before U+E000..U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) {
      if (isSurrogate(left) === isSurrogate(right)) return left - right;
      return isSurrogate(left) ? 1 : -1;
    }
  }
  return a.length - b.length;
}

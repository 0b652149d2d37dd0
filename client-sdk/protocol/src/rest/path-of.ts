/**
 * The path of an operation with its parameters in their places.
 *
 * @param path - as in the table: `:name` marks a parameter
 * @param params - texts and numbers by name
 */
export function pathOf(path: string, params: object): string {
  const values = new Map<string, unknown>(Object.entries(params));
  return path.replaceAll(/:([A-Za-z]+)/g, (_marked, name: string) => {
    const value = values.get(name);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new TypeError(`the path ${path} needs ${name}`);
    return encodeURIComponent(value);
  });
}

const FORM = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:/[\]]+)):([1-9][0-9]{0,4})$/;

/** Takes a peer's `host:port` apart, brackets off; `undefined` for any other form. */
export function splitPeerEndpoint(
  endpoint: string,
): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, plain, digits] = FORM.exec(endpoint) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}
